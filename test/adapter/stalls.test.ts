/**
 * A stall of the server's own event loop kills nobody who lives, in whatever phase of the loop it comes: a verdict is
 * passed as of an instant up to which everything that had arrived has been read.
 */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { Alarm, nowUs } from '../../adapter/reaper/alarm.ts';
import { attachReaper } from '../../adapter/ws.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('the instant as of which may be judged', () => {
  it('lies before a poll phase in which a listener blocks', async () => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sides: net.Socket[] = [];
    server.on('connection', (side) => sides.push(side));
    const clients = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')];
    cleanups.push(() => {
      for (const socket of [...clients, ...sides]) socket.destroy();
      server.close();
    });
    await expect.poll(() => sides.length).toBe(2);
    const rung = new Promise<number>((resolve) => {
      const alarm = new Alarm(resolve);
      alarm.setFor(nowUs() + 10_000);
    });
    const bySide = new Map(sides.map((side) => [side.remotePort, side]));
    const [first, second] = clients.map((client) => bySide.get(client.localPort));
    let blockedFromUs = 0;
    // The alarm comes due while the first listener runs; the second one blocks between the timer and the ring.
    first?.on('data', () => {
      clients[1]?.write('x');
      block(30);
    });
    second?.on('data', () => {
      blockedFromUs = nowUs();
      block(200);
    });
    clients[0]?.write('x');
    const asOfUs = await rung;
    expect(blockedFromUs).toBeGreaterThan(0);
    expect(asOfUs).toBeLessThan(blockedFromUs);
    expect(nowUs()).toBeGreaterThan(blockedFromUs + 190_000);
  });
});

/** Clients in a thread of their own: they answer each ping after `rttMs`, and send what `talk` says every `everyMs`. */
const CLIENTS = `
const { parentPort, workerData } = require('node:worker_threads');
const { WebSocket } = require('ws');
const { url, count, rttMs, everyMs, deflate, text } = workerData;
const sockets = Array.from({ length: count }, () => {
  const socket = new WebSocket(url, { autoPong: false, perMessageDeflate: deflate });
  socket.on('ping', (data) => setTimeout(() => socket.readyState === 1 && socket.pong(data), rttMs));
  socket.on('error', () => undefined);
  return socket;
});
let open = 0;
for (const socket of sockets) socket.on('open', () => ++open === count && parentPort.postMessage('open'));
if (everyMs) setInterval(() => {
  for (const socket of sockets) if (socket.readyState === 1) for (let i = 0; i < 8; i++) socket.send(text);
}, everyMs);
`;

interface Crowd {
  readonly count: number;
  readonly rttMs: number;
  /** 0 = says nothing. */
  readonly everyMs: number;
  readonly deflate: boolean;
}

async function crowd(server: WebSocketServer, setting: Crowd): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const text = 'all work and no play '.repeat(400);
  const workerData = { url: `ws://127.0.0.1:${port}`, text, ...setting };
  const worker = new Worker(CLIENTS, { eval: true, workerData });
  cleanups.push(() => worker.terminate());
  await once(worker, 'message');
}

async function listening(perMessageDeflate: boolean): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return server;
}

const STALL_MS = 1_400;
/** Patience is far above the round trip on a busy machine, and below the stall. */
const PINGS = {
  name: 'pings',
  mechanisms: [{ kind: 'ping', intervalMs: 250, replyTimeoutMs: 1_100, life: ['pong'] }],
} as const;

/** Ways to block the loop in one of its phases. */
const phases: Readonly<Record<string, (stall: () => void, someSocket: WebSocket) => void>> = {
  timers: (stall) => setTimeout(stall, 1),
  'poll, in a listener of a socket': (stall, socket) => {
    socket.once('pong', stall);
  },
  check: (stall) => setImmediate(stall),
  microtasks: (stall, socket) => {
    socket.once('pong', () => {
      void Promise.resolve().then(stall);
    });
  },
  nextTick: (stall, socket) => {
    socket.once('pong', () => {
      process.nextTick(stall);
    });
  },
};

describe('a stall longer than the patience', () => {
  it.each(Object.entries(phases))(
    'in the phase %s kills none of the living',
    async (_name, begin) => {
      const server = await listening(false);
      const reaped: string[] = [];
      const reaper = attachReaper(server, PINGS, { onReap: ({ reason }) => reaped.push(reason) });
      cleanups.push(() => {
        reaper.detach();
      });
      await crowd(server, { count: 40, rttMs: 50, everyMs: 0, deflate: false });
      // Pings go out at each client's own time: wherever the stall falls, some have one in flight.
      for (let round = 0; round < 3; round++) {
        const [socket] = server.clients;
        await new Promise<void>((resolve) => {
          begin(() => {
            block(STALL_MS);
            resolve();
          }, socket as WebSocket);
        });
        await new Promise((resolve) => setTimeout(resolve, 60 + 90 * round));
      }
      expect(reaped).toEqual([]);
      expect(reaper.connections).toBe(40);
      expect(reaper.status.longestStallMs).toBeGreaterThan(STALL_MS / 2);
    },
  );

  it('kills nobody whose pong waits behind messages that are still being inflated', async () => {
    const server = await listening(true);
    const reaped: string[] = [];
    const reaper = attachReaper(server, PINGS, { onReap: ({ reason }) => reaped.push(reason) });
    cleanups.push(() => {
      reaper.detach();
    });
    await crowd(server, { count: 30, rttMs: 20, everyMs: 25, deflate: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (let round = 0; round < 2; round++) {
      block(2 * STALL_MS);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(reaped).toEqual([]);
    expect(reaper.connections).toBe(30);
  });
});
