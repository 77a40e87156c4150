/**
 * A real `ws` server under a policy, real clients, two real kernels' worth of TCP between them: a wire
 * that is cut, a process that is frozen, a connection that is closed, and others that live on. Every
 * decision falls into the window that the policy's own numbers give.
 *
 * Needs Linux, root, `ip` and `nft`; skipped with the reason where they are not, failed where
 * GHOSTBOUND_REQUIRE_KERNEL=1 says that they must be.
 */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MechanismInput } from '../../model/policy/index.ts';
import {
  COMPILED_ADAPTER,
  spawnClient,
  spawnServer,
  type ServerOrder,
  type ServerProcess,
} from '../support/child.ts';
import { sleep } from '../support/loopback.ts';
import {
  clientAddress,
  createNamespaces,
  missingForNamespaces,
  SERVER_ADDRESS,
  type Namespaces,
} from '../support/netns.ts';

/** What a busy test machine may add between a decision and the line that tells of it. */
const SLACK_MS = 700;
/** Both ends' clocks are one clock, but its readings are whole milliseconds and timers of Node may be 1 ms early. */
const CLOCKS_APART_MS = 5;
const CLIENTS = 16;

const required = process.env['GHOSTBOUND_REQUIRE_KERNEL'] === '1';
const missing = missingForNamespaces();

let namespaces: Namespaces;
let clientsMade = 0;

interface Client {
  readonly name: string;
  readonly index: number;
  readonly child: ChildProcess;
}

function server(mechanisms: MechanismInput[], load: Partial<ServerOrder> = {}) {
  const policy = { name: 'test', mechanisms };
  const order = { adapter: COMPILED_ADAPTER, host: SERVER_ADDRESS, policy, ...load };
  return spawnServer(order, (command, args) => namespaces.spawn('server', command, args));
}

async function client(of: ServerProcess, name: string, closesAfterMs?: number): Promise<Client> {
  const index = clientsMade++;
  const order = {
    url: `ws://${SERVER_ADDRESS}:${of.port}/${name}`,
    localAddress: clientAddress(index),
    ...(closesAfterMs !== undefined && { closesAfterMs }),
  };
  const child = spawnClient(order, (command, args) => namespaces.spawn('client', command, args));
  await of.event('connection', name);
  return { name, index, child };
}

/** Cuts a client's wire and answers when, by the clock that the events carry. */
function cut({ index }: Client): number {
  namespaces.cut(index);
  return Date.now();
}

function freeze({ child }: Client): number {
  child.kill('SIGSTOP');
  return Date.now();
}

function clientsOf(of: ServerProcess, kind: 'reap' | 'close'): (string | undefined)[] {
  return of.events.filter(({ event }) => event === kind).map((event) => event.client);
}

if (missing !== undefined) console.warn(`real-kernel tests: ${missing}`);
if (required) {
  it('has what the real-kernel tests need', () => {
    expect(missing).toBeUndefined();
  });
}

describe.skipIf(missing !== undefined)('a ws server on a real kernel', () => {
  beforeAll(() => {
    namespaces = createNamespaces(CLIENTS);
  });
  afterAll(() => {
    namespaces.destroy();
  });

  it.concurrent(
    'decides by ping and reply timer on the vanished and the frozen alone',
    async () => {
      const [intervalMs, replyTimeoutMs] = [500, 400];
      const ghosts = await server([{ kind: 'ping', intervalMs, replyTimeoutMs, life: ['pong'] }]);
      const [vanishing, freezing] = await Promise.all([
        client(ghosts, 'vanishing'),
        client(ghosts, 'freezing'),
        client(ghosts, 'living'),
        client(ghosts, 'closing', 600),
      ]);
      await sleep(1200);
      const faults = [
        { name: vanishing.name, atMs: cut(vanishing) },
        { name: freezing.name, atMs: freeze(freezing) },
      ];
      for (const { name, atMs } of faults) {
        const reap = await ghosts.event('reap', name);
        // The last answered ping left just before the fault: the next one comes within an interval
        // and waits for its timer. A ping answered within 400 ms of the fault was sent before it.
        expect(reap.atMs - atMs).toBeGreaterThanOrEqual(replyTimeoutMs - CLOCKS_APART_MS);
        expect(reap.atMs - atMs).toBeLessThan(intervalMs + replyTimeoutMs + SLACK_MS);
        // Destroyed means that the seat is free at once, though nobody answers the FIN.
        const close = await ghosts.event('close', name);
        expect(close.atMs - reap.atMs).toBeLessThan(SLACK_MS);
      }
      await sleep(600);
      expect(clientsOf(ghosts, 'reap').sort()).toEqual(['freezing', 'vanishing']);
      expect(clientsOf(ghosts, 'close').sort()).toEqual(['closing', 'freezing', 'vanishing']);
    },
  );

  it.concurrent('loses the vanished by keepalive, set in the kernel, without a ping', async () => {
    const keepalive = { kind: 'keepalive', idleMs: 1000, intervalMs: 1000, probes: 2 } as const;
    const ghosts = await server([keepalive]);
    const vanishing = await client(ghosts, 'vanishing');
    const living = await client(ghosts, 'living');
    await sleep(400);
    const atMs = cut(vanishing);
    const close = await ghosts.event('close', vanishing.name);
    // 1 s idle + 2 × 1 s from the last received segment, which is at most 1 s (its probe) before the
    // fault; tcp_keepalive_timer. Each of the 3 timers may be late by its wheel's granularity: 8
    // jiffies, and no more than 80 ms at any HZ.
    expect(close.atMs - atMs).toBeGreaterThanOrEqual(3000 - 1000 - 80 - CLOCKS_APART_MS);
    expect(close.atMs - atMs).toBeLessThan(3000 + 3 * 80 + SLACK_MS);
    expect(close.status).toMatchObject({ kernelTimeouts: 1, backend: 'koffi' });
    expect(clientsOf(ghosts, 'close')).not.toContain(living.name);
  });

  it.concurrent('loses the vanished by user timeout while data is in flight', async () => {
    const timeoutMs = 1000;
    const ghosts = await server([{ kind: 'user-timeout', timeoutMs }], { chatterMs: 200 });
    const vanishing = await client(ghosts, 'vanishing');
    const living = await client(ghosts, 'living');
    await sleep(600);
    const atMs = cut(vanishing);
    const close = await ghosts.event('close', vanishing.name);
    // The next write is at most 200 ms away. The clock starts with the first retransmission by RTO
    // (tcp_write_timeout), after a tail loss probe and an RTO of at least 200 ms each: 204 ms on this
    // wire, at most 240 with the wheel. The last timer is clamped to the rest and late by the wheel
    // of a delay below 1 s: 80 ms.
    expect(close.atMs - atMs).toBeGreaterThanOrEqual(200 + timeoutMs - CLOCKS_APART_MS);
    expect(close.atMs - atMs).toBeLessThan(200 + 240 + 240 + timeoutMs + 80 + SLACK_MS);
    expect(close.status).toMatchObject({ kernelTimeouts: 1 });
    expect(clientsOf(ghosts, 'close')).not.toContain(living.name);
  });

  it.concurrent(
    'frees the seat of a saturated ghost by send stall, not that of a reader',
    async () => {
      const [graceMs, everyMs] = [1000, 200];
      const stall = { kind: 'send-stall', graceMs, everyMs } as const;
      const ghosts = await server([stall], { saturates: true });
      const [freezing, vanishing] = await Promise.all([
        client(ghosts, 'freezing'),
        client(ghosts, 'vanishing'),
        client(ghosts, 'living'),
      ]);
      await sleep(500);
      const faults = [
        // A frozen client's kernel goes on acknowledging until its receive buffer is full: with the
        // 6 MB and more that tcp_rmem allows and 20 MB/s, within half a second or two.
        { name: freezing.name, atMs: freeze(freezing), fillMs: 2000 },
        { name: vanishing.name, atMs: cut(vanishing), fillMs: 0 },
      ];
      for (const { name, atMs, fillMs } of faults) {
        const reap = await ghosts.event('reap', name);
        expect(reap.mechanism).toBe('send-stall');
        // The last progress was seen at most everyMs after it was made, up to one look before the fault.
        expect(reap.atMs - atMs).toBeGreaterThanOrEqual(graceMs - everyMs - CLOCKS_APART_MS);
        expect(reap.atMs - atMs).toBeLessThan(fillMs + graceMs + everyMs + SLACK_MS);
        await ghosts.event('close', name);
      }
      await sleep(1500);
      expect(clientsOf(ghosts, 'reap').sort()).toEqual(['freezing', 'vanishing']);
      expect(clientsOf(ghosts, 'close')).not.toContain('living');
    },
  );
});
