/** Policies that some connections have of their own; and when a reaper's work is over. */
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachReaper as attachToNode } from '../../adapter/node.ts';
import { attachReaper, InputError, type ReapEvent, type ReaperOptions } from '../../adapter/ws.ts';
import type { WebSocket } from 'ws';
import type { Issue } from '../../model/issue.ts';
import type { PolicyInput } from '../../model/policy/index.ts';
import { loopback, sleep, type Loopback } from '../support/loopback.ts';
import { bench, type Bench } from '../support/servers.ts';

const ping = (name: string, intervalMs: number | string): PolicyInput => ({
  name,
  mechanisms: [{ kind: 'ping', intervalMs, replyTimeoutMs: 100, life: ['any-byte'] }],
});
const PATIENT = ping('patient', '1h');
const QUICK = ping('quick', 100);

let loop: Loopback;
let on: Bench;
beforeEach(async () => {
  loop = await loopback();
  on = bench();
});
afterEach(async () => {
  await loop.close();
  await on.close();
});

function reaper(policyFor: NonNullable<ReaperOptions<WebSocket>['policyFor']>) {
  const events: ReapEvent<WebSocket>[] = [];
  const errors: unknown[] = [];
  const handle = attachReaper(loop.server, PATIENT, {
    policies: { mobile: QUICK },
    policyFor,
    onReap: (event) => events.push(event),
    onError: (error) => errors.push(error),
  });
  return { handle, events, errors };
}

function issuesOf(work: () => unknown): readonly Issue[] {
  try {
    work();
  } catch (error) {
    if (error instanceof InputError) return error.issues;
    throw error;
  }
  return [];
}

describe('a policy of its own', () => {
  it('judges the connections that have it, and no others', async () => {
    let asked = 0;
    const { handle, events } = reaper((_, request) => {
      asked += 1;
      return request?.url === '/' && asked === 1 ? 'mobile' : undefined;
    });
    const seen: string[] = [];
    handle.observe(({ policy }) => seen.push(policy));
    const [first] = [await loop.mute(), await loop.mute()];
    expect([handle.connections, handle.policies['mobile']?.connections]).toEqual([2, 1]);
    await first?.ended;
    await sleep(150);
    expect(events).toMatchObject([{ policy: 'quick', mechanism: 'ping', mechanismIndex: 0 }]);
    expect(seen).toEqual(['quick']);
    expect([handle.connections, handle.reaped]).toEqual([1, 1]);
    expect(handle.status.pings).toBe(handle.policies['mobile']?.status.pings);
    expect(handle.policies['mobile']?.bound.silence.maxMs).toBe(200);
    expect(handle.policy.name).toBe('patient');
    expect(asked).toBe(2);
  });

  it('stays when the policy of the server is another one, and goes when the reaper does', async () => {
    const { handle, events } = reaper(() => 'mobile');
    const mute = await loop.mute();
    handle.setPolicy(ping('other', '2h'));
    await mute.ended;
    expect(events).toMatchObject([{ policy: 'quick' }]);
    await loop.mute();
    handle.detach();
    await sleep(350);
    expect(events).toHaveLength(1);
    expect(handle.connections).toBe(0);
  });

  it.each([
    [
      'throws',
      (): string => {
        throw new Error('no session');
      },
      'no session',
    ],
    [
      'is none of them',
      (): string => 'desktop',
      "policyFor: 'desktop' is not one of mobile, or undefined",
    ],
  ] as const)('of whom asking %s is that of the server', async (_, policyFor, message) => {
    const { handle, errors } = reaper(policyFor);
    await loop.mute();
    expect(String(errors)).toContain(message);
    expect([handle.connections, handle.policies['mobile']?.connections]).toEqual([1, 0]);
  });

  it('is read when the reaper is attached: everything that is wrong is told at once', () => {
    const wrong = { kind: 'ping', intervalMs: '3', replyTimeoutMs: null };
    const policies = { a: { name: 'a', mechanisms: [wrong] }, b: 7 } as never;
    const issues = issuesOf(() => attachReaper(loop.server, PATIENT, { policies }));
    expect(issues.map(({ path }) => path)).toEqual([
      'options.policies.a: mechanisms[0].intervalMs',
      'options.policies.b',
    ]);
    attachReaper(loop.server, PATIENT).detach();
  });

  it('is had on a server of bytes, too', async () => {
    const server = await on.listen(createServer());
    const events: ReapEvent<Socket>[] = [];
    const idle = (name: string, timeoutMs: number | string): PolicyInput => ({
      name,
      mechanisms: [{ kind: 'idle', timeoutMs }],
    });
    const listeners = (): number =>
      ['connection', 'close', 'listening'].reduce((n, name) => n + server.listenerCount(name), 0);
    const before = listeners();
    let asked = 0;
    const handle = attachToNode(server, idle('long', '1h'), {
      policies: { short: idle('short', 200) },
      policyFor: () => (++asked === 1 ? 'short' : undefined),
      onReap: (event) => events.push(event),
    });
    await on.connect(server);
    await on.connect(server);
    await expect.poll(() => events.length, { timeout: 2_000 }).toBe(1);
    expect(events).toMatchObject([{ policy: 'short', mechanism: 'idle' }]);
    expect([handle.connections, asked]).toEqual([1, 2]);
    handle.detach();
    expect(listeners()).toBe(before);
  });
});

describe('attached', () => {
  it('is said until the server has closed and its last connection has gone', async () => {
    const handle = attachReaper(loop.server, PATIENT);
    const client = await loop.client();
    await expect.poll(() => handle.connections).toBe(1);
    loop.server.close();
    await sleep(20);
    expect(handle.status.attached).toBe(true);
    client.terminate();
    await expect.poll(() => handle.status.attached, { timeout: 2_000 }).toBe(false);
  });

  it('is said again of a server that listens anew', async () => {
    const server = await on.listen(createServer());
    const handle = attachToNode(server, {
      name: 'idle',
      mechanisms: [{ kind: 'idle', timeoutMs: '1h' }],
    });
    expect(handle.status.attached).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(handle.status.attached).toBe(false);
    await new Promise<void>((resolve) => server.listen(0, resolve));
    expect(handle.status.attached).toBe(true);
    handle.detach();
    expect(handle.status.attached).toBe(false);
  });
});
