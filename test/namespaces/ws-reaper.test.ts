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
} from '../../lab/namespaces.ts';
import { clientsOf, during, expectInWindow, SLACK_MS, windowOf, type Fault } from './stage.ts';

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
    expect((await ghosts.event('reap', vanishing.name)).mechanism).toBe('kernel');
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
