// The wire between two network namespaces: a program that holds both ends, two TUN devices (Documentation/networking/tuntap.rst), and passes
// packets on as it is told. What is cut vanishes here, where neither kernel can see it. Told by one JSON argument (WireOrder in wire.ts), then by one
// JSON line per order; ends with its input. Tells what each kernel has put on it, where asked.
import { read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { drawsFrom, openDevice, PACKET_BYTES, tcpHeader } from './tun.mjs';

const { devices, oneWayMs, lossShare, seed } = JSON.parse(process.argv[2]);

// A flow without limit fills a gigabyte in a minute; what is recorded of it is its beginning.
const MOST_RECORDED = 20_000;

const nowMs = () => performance.timeOrigin + performance.now();

const draw = drawsFrom(seed);

const addressAt = (packet, at) => packet.subarray(at, at + 4).join('.');

/** What is cut, by the client's address and who sends. */
const cut = { server: new Set(), client: new Set() };
let watched;
const packets = [];

/** Carries what one side sends to the other's device, in order. */
function carry(from, fromFd, toFd) {
  const waiting = [];
  let timer;
  const deliver = () => {
    timer = undefined;
    while (waiting.length > 0 && waiting[0].dueMs <= nowMs())
      writeSync(toFd, waiting.shift().packet);
    if (waiting.length > 0) timer = setTimeout(deliver, waiting[0].dueMs - nowMs());
  };
  const buffer = Buffer.alloc(PACKET_BYTES);
  const next = () => {
    read(fromFd, buffer, 0, PACKET_BYTES, null, (error, bytes) => {
      if (error) throw error;
      const packet = Buffer.from(buffer.subarray(0, bytes));
      next();
      if (packet[0] >> 4 !== 4) return;
      const client = addressAt(packet, from === 'server' ? 16 : 12);
      const dropped = cut[from].has(client) || (lossShare > 0 && draw() < lossShare);
      const header =
        client === watched && packets.length < MOST_RECORDED ? tcpHeader(packet) : null;
      if (header !== null) packets.push({ atMs: nowMs(), src: from, dropped, ...header });
      if (dropped) return;
      waiting.push({ dueMs: nowMs() + oneWayMs, packet });
      timer ??= setTimeout(deliver, oneWayMs);
    });
  };
  next();
}

const tell = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);

const fds = { server: openDevice(devices.server), client: openDevice(devices.client) };
carry('server', fds.server, fds.client);
carry('client', fds.client, fds.server);

const orders = {
  cut({ client, toClient, toServer }) {
    if (toClient) cut.server.add(client);
    if (toServer) cut.client.add(client);
  },
  heal({ client }) {
    cut.server.delete(client);
    cut.client.delete(client);
  },
  watch({ client }) {
    watched = client;
  },
  packets() {
    tell('packets', { packets });
  },
};
createInterface(process.stdin)
  .on('line', (line) => {
    const { order, ...more } = JSON.parse(line);
    orders[order](more);
    tell('done', { order });
  })
  .on('close', () => process.exit(0));
tell('ready');
