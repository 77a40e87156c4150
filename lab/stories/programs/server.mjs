// A `ws` server under a policy, as its own process: the compiled package, as users run it. Told what
// to do by one JSON argument (ServerOrder in processes.ts), then by one JSON line per act on its input; tells what happens as one JSON line per event.
import { createRequire } from 'node:module';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { tellWrites } from './writes.mjs';

const {
  adapter = 'ghostbound/ws',
  host,
  policy,
  kernel,
  saturates,
  chatterMs,
  chatterBytes = 1024,
  closesAtOnce,
  tellsWrites,
  endsWithInput,
} = JSON.parse(process.argv[2]);
const { attachReaper } = await import(adapter);

const OPEN = 1;
const CHUNK = Buffer.alloc(64 * 1024);
// A saturating sender always has data waiting in user space, too, for a client that is slower than
// 20 MB/s: faster ones are not served, or they would take the test machine's cores for themselves.
const SATURATED_BYTES = 1 << 20;
const SATURATED_EVERY_MS = 50;

function tell(event, more = {}) {
  process.stdout.write(`${JSON.stringify({ event, atMs: Date.now(), ...more })}\n`);
}

function koffiIsLoaded() {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).some((file) => file.includes('/koffi/'));
}

if (tellsWrites) tellWrites(net.Socket);
const server = new WebSocketServer({ port: 0, host });
const reaper = attachReaper(server, policy, {
  kernel,
  onReap: ({ socket, verdict, mechanism, silentMs }) =>
    tell('reap', { client: socket.client, verdict, mechanism, silentMs }),
  onError: (error) => tell('error', { message: String(error) }),
});

server.on('connection', (socket, { url }) => {
  socket.client = url.slice(1);
  socket.on('error', () => undefined);
  const fill = () => {
    while (socket.readyState === OPEN && socket.bufferedAmount < SATURATED_BYTES)
      socket.send(CHUNK);
  };
  const chat = () => socket.send('x'.repeat(chatterBytes));
  const load = saturates
    ? setInterval(fill, SATURATED_EVERY_MS)
    : setInterval(chat, chatterMs ?? 2 ** 30);
  socket.on('close', (code) => {
    clearInterval(load);
    tell('close', { client: socket.client, code, status: reaper.status });
  });
  tell('connection', { client: socket.client });
});
server.on('listening', () => {
  const { port } = server.address();
  tell('listening', { port, status: reaper.status, koffi: koffiIsLoaded() });
  if (closesAtOnce) server.close();
});
const acts = {
  'stall-server': ({ lengthMs }) => {
    const until = Date.now() + lengthMs;
    while (Date.now() < until);
  },
};
if (endsWithInput) {
  createInterface(process.stdin)
    .on('line', (line) => {
      const { act, ...more } = JSON.parse(line);
      acts[act](more);
    })
    .on('close', () => process.exit(0));
}
process.on('exit', () => tell('exit'));
