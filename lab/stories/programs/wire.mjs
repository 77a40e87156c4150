// The wire between two network namespaces: a program that holds both ends, two TUN devices (Documentation/networking/tuntap.rst), and passes
// packets on as it is told. What is cut vanishes here, where neither kernel can see it. Told by one JSON argument (WireOrder in wire.ts), then by one
// JSON line per order; ends with its input. Tells what each kernel has put on it, where asked.
import { openSync, read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const { devices, oneWayMs, lossShare, seed } = JSON.parse(process.argv[2]);

// include/uapi/linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
// struct ifreq of include/uapi/linux/if.h: the name, then the flags.
const IFREQ_BYTES = 40;
const IFREQ_FLAGS = 16;

const PACKET_BYTES = 65_536;
// A flow without limit fills a gigabyte in a minute; what is recorded of it is its beginning.
const MOST_RECORDED = 20_000;

const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)');

function openDevice(name) {
  const fd = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFREQ_FLAGS);
  if (ioctl(fd, TUNSETIFF, request) !== 0) throw new Error(`no TUN device: errno ${koffi.errno()}`);
  return fd;
}

const nowMs = () => performance.timeOrigin + performance.now();

/** A uniform draw in [0, 1): mulberry32. */
let state = seed;
function draw() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const addressAt = (packet, at) => packet.subarray(at, at + 4).join('.');

/** What is cut, by the client's address and who sends. */
const cut = { server: new Set(), client: new Set() };
let watched;
const packets = [];

/** RFC 9293 §3.1, behind RFC 791 §3.1. */
function note(packet, from, dropped) {
  const head = (packet[0] & 0x0f) * 4;
  const bits = packet[head + 13];
  const letters = [
    [2, 'S'],
    [1, 'F'],
    [4, 'R'],
    [8, 'P'],
    [16, '.'],
  ];
  packets.push({
    atMs: nowMs(),
    src: from,
    dropped,
    flags: letters.map(([bit, letter]) => (bits & bit ? letter : '')).join(''),
    seq: packet.readUInt32BE(head + 4),
    ack: packet.readUInt32BE(head + 8),
    len: packet.readUInt16BE(2) - head - (packet[head + 12] >> 4) * 4,
    win: packet.readUInt16BE(head + 14),
  });
}

const TCP = 6;

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
      if (packet[9] === TCP && client === watched && packets.length < MOST_RECORDED) {
        note(packet, from, dropped);
      }
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
