// One `ws` client as its own process, so that a signal can freeze it. Told by one JSON argument (ClientOrder in programs.ts), then by one JSON line per
// act on its input; tells what it has written, where asked.
import net from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { tellWrites } from './writes.mjs';

const {
  url,
  localAddress,
  closesAfterMs,
  chatterMs,
  chatterBytes = 1024,
  tellsWrites,
  endsWithInput,
} = JSON.parse(process.argv[2]);

const PACES_EVERY_MS = 20;

if (tellsWrites) tellWrites(net.Socket);
const client = new WebSocket(url, { localAddress, perMessageDeflate: false });
client.on('error', () => undefined);
client.on('open', () => {
  if (closesAfterMs !== undefined) setTimeout(() => client.close(1000), closesAfterMs);
  if (chatterMs !== undefined) setInterval(() => client.send('x'.repeat(chatterBytes)), chatterMs);
});

/** From now on so many bytes are read every so often, and none else. */
function paced(socket, bytes, everyMs) {
  socket.removeAllListeners('data');
  socket.pause();
  let owed = 0;
  setInterval(() => {
    for (owed += bytes; owed > 0;) {
      const read = socket.read(Math.min(owed, socket.readableLength)) ?? socket.read();
      if (read === null) return;
      owed -= read.length;
    }
  }, everyMs);
}

const acts = {
  'client-closes': () => client.close(1000),
  'client-half-closes': (socket) => socket.end(),
  'read-paced': (socket, { bytes, everyMs }) => paced(socket, bytes, everyMs),
  'read-at-rate': (socket, { bytesPerSecond }) =>
    paced(socket, (bytesPerSecond * PACES_EVERY_MS) / 1000, PACES_EVERY_MS),
};
const input = createInterface(process.stdin).on('line', (line) => {
  const { act, ...more } = JSON.parse(line);
  acts[act](client._socket, more);
});
// Whoever has started it is gone.
input.on('close', () => endsWithInput && process.exit(0));
