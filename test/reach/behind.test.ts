/** T behind a send path that is always full: by hand, and against simulated lives. */
import { describe, expect, it, test } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachTolerance } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { story } from '../support/named.ts';
import { drawSilence, numbers } from './draw.ts';
import { livesEnded } from './lives.ts';
import { endedInShorter, of, provedMs } from './proved.ts';

function full(silence: object, more: object = {}): Scenario {
  return defineScenario({
    kind: 'live',
    name: 'story',
    load: { kind: 'saturated', messageBytes: 65_536 },
    path: { rttMs: 50 },
    ...more,
    silence: { lengthMs: 1000, ...silence },
  } as never);
}

const sweep = { kind: 'sweep', intervalMs: '30s', timer: 'per-connection', life: ['pong'] };
const ping = { kind: 'ping', intervalMs: '25s', replyTimeoutMs: '20s', life: ['pong'] };

describe('a ping stands behind what all buffers hold', () => {
  test.each([
    ['sweep', [sweep], { kind: 'process-pause' }, 28_500],
    ['sweep', [sweep], { kind: 'outage' }, 15_600],
    ['sweep', [sweep], { kind: 'page-freeze' }, 28_500],
    ['ping', [ping], { kind: 'process-pause' }, 18_900],
    ['ping', [ping], { kind: 'outage' }, 7_600],
    ['ping', [ping], { kind: 'slow-reader', bytesPerSecond: 20_000 }, 18_900],
    ['ping', [ping], { kind: 'trickle', bytes: 32_768, everyMs: 2_000 }, 18_900],
  ])('%s, %o: nobody is ended in a shorter one', (_name, mechanisms, silence, leastMs) => {
    const policy = of(mechanisms);
    const ms = provedMs(policy, full(silence));
    expect(ms).toBeGreaterThan(leastMs);
    const lengthMs = Math.ceil(ms) - 1;
    expect(livesEnded(policy, full({ ...silence, lengthMs }), 40, 40)).toBe(0);
  });

  test.each([
    ['sweep', [sweep], { kind: 'process-pause' }],
    ['sweep', [sweep], { kind: 'outage' }],
    ['ping', [ping], { kind: 'process-pause' }],
  ])('%s, %o: somebody is in one a little longer', (_name, mechanisms, silence) => {
    const policy = of(mechanisms);
    const lengthMs = Math.ceil(provedMs(policy, full(silence)) * 1.06) + 12;
    expect(livesEnded(policy, full({ ...silence, lengthMs }), 200, 100)).toBeGreaterThan(0);
  });

  it('a reader that reads all of it within the patience is waited for, however long it is slow', () => {
    const slow = { kind: 'slow-reader', bytesPerSecond: 3_000_000 };
    expect(provedMs(of([ping]), full(slow))).toBe(Infinity);
    expect(livesEnded(of([ping]), full({ ...slow, lengthMs: 30_000 }), 2, 2)).toBe(0);
  });

  it('a healthy one is left alone, where nothing is silent', () => {
    const healthy = full({ kind: 'outage' });
    const none = { ...healthy, silence: { kind: 'none' } } as Scenario;
    expect(provedMs(of([ping]), none)).toBe(Infinity);
  });

  it('the user timeout of a shut window ends it sooner than a patience that is longer', () => {
    const policy = of([sweep, { kind: 'user-timeout', timeoutMs: '20s' }]);
    expect(provedMs(policy, full({ kind: 'process-pause' }))).toBeLessThan(20_500);
    expect(reachTolerance(policy, full({ kind: 'process-pause' }))).toMatchObject({
      by: 'TCP_USER_TIMEOUT',
    });
  });
});

describe('a limit on the queue beside pings', () => {
  // 64 KiB may wait, and a message of 64 KiB that is begun before that.
  const written = 131_072;
  const limit = (spareBytes: number): Policy =>
    of([{ kind: 'send-queue-limit', hardBytes: written + spareBytes, softBytes: null }], {
      peerHeartbeat: { everyMs: 1_000, sign: 'ping', sentBy: 'websocket', bytes: 129 },
    });

  it('ends nobody while the path goes on: no more pongs wait than those of a few round trips', () => {
    const healthy = { ...full({ kind: 'outage' }), silence: { kind: 'none' } } as Scenario;
    expect(provedMs(limit(3_000), healthy)).toBe(Infinity);
    expect(provedMs(presets['centrifuge'] as Policy, healthy)).toBe(Infinity);
    expect(reachTolerance(limit(127), healthy).kind).toBe('not-proved');
  });

  it('lets a path stand until they are too many, less what it takes them to go on', () => {
    // 23 frames of 127 bytes at one a second, one of which may be due at once.
    const ms = provedMs(limit(3_000), full({ kind: 'process-pause' }));
    expect(ms).toBeGreaterThan(20_500);
    expect(ms).toBeLessThan(22_000);
    const lengthMs = Math.ceil(ms) - 1;
    expect(livesEnded(limit(3_000), full({ kind: 'server-stall', lengthMs }), 4, 4)).toBe(0);
  });

  it('is left to the kernels where an outage is theirs long before', () => {
    const tolerance = reachTolerance(presets['centrifuge'] as Policy, full({ kind: 'outage' }));
    expect(tolerance).toMatchObject({ kind: 'proved', by: 'write-deadline' });
  });

  it('says nothing of a queue that a writer keeps standing above it', () => {
    const load = { kind: 'periodic', bytes: 8_192, everyMs: 500, direction: 'server' };
    const silence = { kind: 'plateau', queueBytes: 4_000_000, bytesPerSecond: 16_384 };
    const above = full({ ...silence, lengthMs: 20_000 }, { load });
    expect(reachTolerance(of([{ kind: 'send-queue-limit', hardBytes: 200_000 }]), above).kind).toBe(
      'not-proved',
    );
  });
});

describe('who judges by how the send path stands', () => {
  // User space is empty again and again while the peer reads: a limit on one blocked write ends nobody.
  test.each([
    'gorilla-chat',
    'signalr-send-timeout',
    'spring-ws-send-limits',
    'nats-write-deadline',
    'kestrel',
  ])('%s leaves a healthy one alone', (name) => {
    const healthy = { ...full({ kind: 'outage' }), silence: { kind: 'none' } } as Scenario;
    expect(provedMs(presets[name] as Policy, healthy)).toBe(Infinity);
  });

  test.each([
    [
      'write deadline',
      { kind: 'write-deadline', timeoutMs: '10s' },
      { kind: 'process-pause' },
      8_800,
    ],
    ['write deadline', { kind: 'write-deadline', timeoutMs: '10s' }, { kind: 'outage' }, 3_600],
    ['send stall', { kind: 'send-stall', graceMs: '30s' }, { kind: 'process-pause' }, 28_500],
    ['send stall', { kind: 'send-stall', graceMs: '30s' }, { kind: 'outage' }, 15_600],
  ])('%s %o, %o: nobody is ended in a shorter one', (_name, mechanism, silence, leastMs) => {
    const policy = of([mechanism]);
    const ms = provedMs(policy, full(silence));
    expect(ms).toBeGreaterThan(leastMs);
    expect(livesEnded(policy, full({ ...silence, lengthMs: Math.ceil(ms) - 1 }), 30, 30)).toBe(0);
  });

  it('what was lost of a young connection comes back slowly: half of ten segments a round trip', () => {
    const policy = of([{ kind: 'write-deadline', timeoutMs: '5s' }]);
    const more = { load: { kind: 'saturated', messageBytes: 300_000 }, path: { rttMs: 120 } };
    const ms = provedMs(policy, full({ kind: 'outage' }, more));
    const lengthMs = Math.max(1, Math.ceil(ms) - 1);
    expect(livesEnded(policy, full({ kind: 'outage', lengthMs }, more), 40, 40)).toBe(0);
  });
});

describe('built-in stories', () => {
  test.each([
    ['alive-flag-sweep', 'vanish-saturated', 15_600],
    ['jupyter-server', 'frozen-saturated', 88_400],
    ['phoenix-client', 'live-slow-reader', 28_400],
    ['java-websocket', 'live-trickle-78s', 58_400],
    ['alive-flag-sweep', 'page-frozen-saturated', 28_400],
  ])('%s survives %s, for so long at least', (name, where, leastMs) => {
    expect(provedMs(presets[name] as Policy, story(where))).toBeGreaterThan(leastMs);
  });
});

describe('what is declined', () => {
  test.each([
    [
      'a small receive buffer',
      {},
      { kernel: { clientSysctls: { 'net.ipv4.tcp_rmem.2': 16_384 } } },
    ],
    ['a lock', {}, { server: { sendPath: 'locked' } }],
    ['small messages', {}, { load: { kind: 'saturated', messageBytes: 1_000 } }],
  ])('%s', (_name, silence, more) => {
    const scenario = full({ kind: 'outage', ...silence }, more);
    expect(reachTolerance(of([sweep]), scenario).kind).toBe('not-proved');
  });
});

const DRAWN = 60;

describe('drawn policies', () => {
  it(`end nobody in a shorter silence: ${DRAWN} cells`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      const draw = numbers(seed * 131 + 17);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
      const { silence, client } = cell.silent(1000) as Scenario & { kind: 'live' };
      // What goes on being read moves gigabytes.
      if (silence.kind === 'application-pause' || silence.kind === 'timers-throttled') continue;
      const more = {
        path: { rttMs: pick([20, 50, 120, 300]) },
        load: { kind: 'saturated', messageBytes: pick([3_000, 16_384, 65_536, 300_000]) },
        server: { userQueueBytes: pick([0, 1_000, 65_536, 1_000_000]) },
        ...(client === undefined ? {} : { client }),
      };
      const silent = (lengthMs: number): Scenario => full({ ...silence, lengthMs }, more);
      const shorter = endedInShorter(cell.policy, silent, [20_000], 6);
      judged += shorter.judged;
      broken.push(...shorter.broken.map((one) => `drawSilence(${seed}): ${one}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 10);
  }, 180_000);
});
