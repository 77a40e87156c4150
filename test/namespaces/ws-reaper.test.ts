/**
 * A real `ws` server under a policy, real clients, two real kernels' worth of TCP between them: a wire
 * that is cut, a process that is frozen, a connection that is closed, and others that live on. Every
 * decision falls into the window that `bounds` states for the same policy and the same fault, on a wire
 * with the round trip of this one.
 *
 * Needs Linux, root, `ip` and `nft`; skipped with the reason where they are not, failed where
 * GHOSTBOUND_REQUIRE_KERNEL=1 says that they must be.
 */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { definePolicy, type MechanismInput } from '../../model/policy/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import {
  COMPILED_ADAPTER,
  spawnClient,
  spawnServer,
  type ServerEvent,
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

/** This wire's round trip, rounded up, ms. */
const RTT_MS = 1;

/** Ticks of the kernels people run, 1/s; which one this machine's kernel was built with is not asked. */
const HZ = [100, 250, 1000] as const;

/** When the decision may come, ms after the fault, as the closed forms say: earliest and latest over HZ. */
function windowOf(mechanisms: MechanismInput[], scenarioName: string): [number, number] {
  const scenario = scenarios[scenarioName];
  if (scenario === undefined) throw new Error(`no scenario ${scenarioName}`);
  const policy = definePolicy({ name: 'test', mechanisms });
  const path = { ...scenario.path, rttMs: RTT_MS };
  const decided = HZ.map((hz) => {
    const kernel = { ...scenario.kernel, hz };
    return bounds(policy, { ...scenario, path, kernel }).decided;
  });
  return [
    Math.min(...decided.map(({ minMs }) => minMs ?? Number.NaN)),
    Math.max(...decided.map(({ maxMs }) => maxMs ?? Number.NaN)),
  ];
}

/** `earlyMs`, `lateMs`: by how much this test's own arrangement may move the instant the bound counts from. */
function expectInWindow(
  { atMs }: ServerEvent,
  fault: Fault,
  [minMs, maxMs]: [number, number],
  { earlyMs = 0, lateMs = 0 } = {},
): void {
  expect(atMs - fault.fromMs).toBeGreaterThanOrEqual(minMs - earlyMs - CLOCKS_APART_MS);
  expect(atMs - fault.toMs).toBeLessThan(maxMs + lateMs + SLACK_MS);
}

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

/** A fault happens while it is being made: at some instant between two readings of the events' clock. */
interface Fault {
  readonly fromMs: number;
  readonly toMs: number;
}

function during(make: () => void): Fault {
  const fromMs = Date.now();
  make();
  return { fromMs, toMs: Date.now() };
}

function cut({ index }: Client): Fault {
  return during(() => {
    namespaces.cut(index);
  });
}

function freeze({ child }: Client): Fault {
  return during(() => {
    child.kill('SIGSTOP');
  });
}

function clientsOf(of: ServerProcess, kind: 'reap' | 'close'): (string | undefined)[] {
  return of.events.filter(({ event }) => event === kind).map((event) => event.client);
}

if (missing !== undefined) console.warn(`real-kernel tests: ${missing}`);
it('has what the tests below need, where they must run', () => {
  expect(required ? missing : undefined).toBeUndefined();
});

describe.skipIf(missing !== undefined)('a ws server on a real kernel', () => {
  beforeAll(() => {
    namespaces = createNamespaces(CLIENTS);
  });
  afterAll(() => {
    namespaces.destroy();
  });

  it.concurrent('ping and reply timer: the vanished and the frozen', async () => {
    const policy: MechanismInput[] = [
      { kind: 'ping', intervalMs: 500, replyTimeoutMs: 400, life: ['pong'] },
    ];
    const ghosts = await server(policy);
    const [vanishing, freezing] = await Promise.all([
      client(ghosts, 'vanishing'),
      client(ghosts, 'freezing'),
      client(ghosts, 'living'),
      client(ghosts, 'closing', 600),
    ]);
    await sleep(1200);
    const faults = [
      { name: vanishing.name, fault: cut(vanishing), scenario: 'vanish-idle' },
      { name: freezing.name, fault: freeze(freezing), scenario: 'frozen-idle' },
    ];
    for (const { name, fault, scenario } of faults) {
      const reap = await ghosts.event('reap', name);
      expectInWindow(reap, fault, windowOf(policy, scenario));
      // Destroyed means that the seat is free at once, though nobody answers the FIN.
      const close = await ghosts.event('close', name);
      expect(close.atMs - reap.atMs).toBeLessThan(SLACK_MS);
    }
    await sleep(600);
    expect(clientsOf(ghosts, 'reap').toSorted()).toEqual(['freezing', 'vanishing']);
    expect(clientsOf(ghosts, 'close').toSorted()).toEqual(['closing', 'freezing', 'vanishing']);
  });

  it.concurrent('keepalive, set in the kernel, without a ping: the vanished', async () => {
    const policy: MechanismInput[] = [
      { kind: 'keepalive', idleMs: 1000, intervalMs: 1000, probes: 2 },
    ];
    const ghosts = await server(policy);
    const vanishing = await client(ghosts, 'vanishing');
    const living = await client(ghosts, 'living');
    await sleep(400);
    const fault = cut(vanishing);
    const close = await ghosts.event('close', vanishing.name);
    expectInWindow(close, fault, windowOf(policy, 'vanish-idle'));
    expect(close.status).toMatchObject({ kernelTimeouts: 1, backend: 'koffi' });
    expect(clientsOf(ghosts, 'close')).not.toContain(living.name);
  });

  it.concurrent('user timeout, with data in flight: the vanished', async () => {
    const policy: MechanismInput[] = [{ kind: 'user-timeout', timeoutMs: 1000 }];
    // 1 KiB every 500 ms, as in the scenario
    const ghosts = await server(policy, { chatterMs: 500 });
    const vanishing = await client(ghosts, 'vanishing');
    const living = await client(ghosts, 'living');
    await sleep(600);
    const fault = cut(vanishing);
    const close = await ghosts.event('close', vanishing.name);
    expectInWindow(close, fault, windowOf(policy, 'vanish-busy'));
    expect(close.status).toMatchObject({ kernelTimeouts: 1 });
    expect(clientsOf(ghosts, 'close')).not.toContain(living.name);
  });

  it.concurrent('send stall: the saturated ghosts, and not the saturated reader', async () => {
    const everyMs = 200;
    const policy: MechanismInput[] = [{ kind: 'send-stall', graceMs: 1000, everyMs }];
    const ghosts = await server(policy, { saturates: true });
    const [freezing, vanishing] = await Promise.all([
      client(ghosts, 'freezing'),
      client(ghosts, 'vanishing'),
      client(ghosts, 'living'),
    ]);
    await sleep(500);
    const faults = [
      // A frozen client's kernel goes on acknowledging until its receive buffer is full. It has grown
      // with the traffic to 6 MB or more (tcp_rmem), which 20 MB/s fill in less than two seconds.
      { name: freezing.name, fault: freeze(freezing), scenario: 'frozen-saturated', fillMs: 2000 },
      { name: vanishing.name, fault: cut(vanishing), scenario: 'vanish-saturated', fillMs: 0 },
    ];
    for (const { name, fault, scenario, fillMs } of faults) {
      const reap = await ghosts.event('reap', name);
      expect(reap.mechanism).toBe('send-stall');
      // This sender fills its queue in bursts, so the last look that saw progress may have been up to
      // everyMs before the fault; the scenario's sender never pauses.
      const moved = { earlyMs: everyMs, lateMs: fillMs };
      expectInWindow(reap, fault, windowOf(policy, scenario), moved);
      await ghosts.event('close', name);
    }
    await sleep(1500);
    expect(clientsOf(ghosts, 'reap').toSorted()).toEqual(['freezing', 'vanishing']);
    expect(clientsOf(ghosts, 'close')).not.toContain('living');
  });
});
