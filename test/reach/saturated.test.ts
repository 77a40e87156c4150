/**
 * B behind a send path that is always full: by hand where the rules of Linux give a number, against simulated lives everywhere.
 */
import { describe, expect, it, test } from 'vitest';
import { definePolicy, presets as builtIn } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, reachTolerance, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { drawFault, numbers } from './draw.ts';
import { livesEnded, longestGhostMs, longestLives, outlived } from './lives.ts';
import { story } from '../support/named.ts';
import { asMany } from '../support/effort.ts';

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound;
}

function preset(name: string): Policy {
  const policy = builtIn[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}

const WATCH_MS = 1_400_000;

describe('a peer that vanishes from a send path that is full', () => {
  test.each([
    'none',
    'alive-flag-sweep',
    'sweep-and-pong-timer',
    'send-stall-watchdog',
    'queue-stall-watchdog',
    'user-timeout-20s',
    'cowboy-ws',
    'go-redis',
    'kestrel',
    'sockjs-node',
    'ws-close-timer',
  ])('%s: no life is longer, and the longest one is within two in a hundred', (name) => {
    const { decidedMs } = proved(preset(name), story('vanish-saturated'));
    const seenMs = longestGhostMs(preset(name), story('vanish-saturated'), 60, WATCH_MS) ?? 0;
    expect(seenMs).toBeLessThanOrEqual(decidedMs);
    expect(decidedMs).toBeLessThanOrEqual(seenMs * 1.02 + 12);
  });

  it('a ping that waits is never taken: whoever counts from then on leaves it to the kernel', () => {
    const ping = { kind: 'ping', intervalMs: '10s', after: 'last-ping', replyTimeoutMs: '5s' };
    const when = (replyClock: string): ProvedBound => {
      const mechanisms = [{ ...ping, replyClock, life: ['pong'] }];
      return proved(definePolicy({ name: 'one', mechanisms } as never), story('vanish-saturated'));
    };
    expect(when('enqueued').decidedMs).toBeLessThan(16_000);
    expect(when('written')).toMatchObject({ by: 'tcp_retries2' });
  });
});

describe('a peer whose kernel answers until its window is shut', () => {
  it('probes of the window are answered, so the kernel keeps it for ever', () => {
    expect(proved(preset('none'), story('frozen-saturated')).decidedMs).toBe(Infinity);
  });

  it('a user timeout counts from the first probe, and is late by the bucket of the last', () => {
    const { decidedMs, by } = proved(preset('user-timeout-20s'), story('frozen-saturated'));
    expect(by).toBe('TCP_USER_TIMEOUT');
    expect(decidedMs).toBeGreaterThan(20_000);
    expect(decidedMs).toBeLessThan(22_200);
  });

  test.each([
    ['send-stall-watchdog', 'frozen-saturated'],
    ['user-timeout-20s', 'frozen-saturated'],
    ['nats-write-deadline', 'frozen-saturated'],
    ['go-redis', 'tunnel-half-open-saturated'],
    ['send-stall-watchdog', 'page-frozen-saturated'],
    ['alive-flag-sweep', 'page-frozen-saturated'],
    ['user-timeout-20s', 'wedged-send-path'],
  ])(
    '%s on %s: no life is longer, and one is as long but for the round trips of filling',
    (name, where) => {
      const { decidedMs } = proved(preset(name), story(where));
      const seenMs = longestGhostMs(preset(name), story(where), 60, WATCH_MS) ?? 0;
      expect(seenMs).toBeLessThanOrEqual(decidedMs);
      expect(decidedMs - seenMs).toBeLessThan(2_000);
    },
  );

  it('a ping that waits for the lock of a blocked send takes the judge with it; a watchdog of its own does not wait', () => {
    const wedged = story('wedged-send-path');
    expect(proved(preset('alive-flag-sweep'), wedged).decidedMs).toBe(Infinity);
    expect(longestGhostMs(preset('alive-flag-sweep'), wedged, 8, WATCH_MS)).toBe(Infinity);
    const { decidedMs } = proved(preset('send-stall-watchdog'), wedged);
    expect(longestGhostMs(preset('send-stall-watchdog'), wedged, 40, WATCH_MS)).toBeGreaterThan(
      decidedMs * 0.95,
    );
  });

  it('a limit on the queue that user space cannot exceed ends nothing; of one that it can, nothing is said', () => {
    const limit = (hardBytes: number): Policy =>
      definePolicy({
        name: 'one',
        mechanisms: [{ kind: 'send-queue-limit', hardBytes, softBytes: null }],
      } as never);
    const frozen = story('frozen-saturated');
    // 64 KiB may wait, and a message of 64 KiB that is begun before that.
    expect(proved(limit(131_072), frozen).decidedMs).toBe(Infinity);
    expect(longestGhostMs(limit(131_072), frozen, 4, WATCH_MS)).toBe(Infinity);
    expect(reachBound(limit(131_071), frozen).kind).toBe('not-proved');
    expect(longestGhostMs(limit(65_536), frozen, 20, WATCH_MS)).toBeLessThan(3_000);
    // Pings wait there, too, and their number has no limit.
    const pings = { kind: 'ping', intervalMs: '1s', after: 'last-ping', replyTimeoutMs: null };
    const mechanisms = [...limit(131_072).mechanisms, { ...pings, life: ['pong'] }];
    const both = definePolicy({ name: 'one', mechanisms } as never);
    expect(reachBound(both, frozen).kind).toBe('not-proved');
  });

  it('who ends it himself has decided', () => {
    const closing = story('close-unanswered-saturated');
    expect(proved(preset('alive-flag-sweep'), closing).decidedMs).toBe(0);
  });
});

describe('after the decision', () => {
  test.each([
    ['alive-flag-sweep', 'frozen-saturated'],
    ['gorilla-chat', 'tunnel-half-open-saturated'],
    ['user-timeout-20s', 'wedged-send-path'],
    ['alive-flag-sweep', 'close-unanswered-saturated'],
  ])(
    '%s on %s: an orphan is given up once its probes have stopped growing apart',
    (name, where) => {
      const { released } = proved(preset(name), story(where));
      if (released.kind !== 'proved') throw new Error(released.because);
      const { releasedMs = 0 } = longestLives(preset(name), story(where), 30, WATCH_MS) ?? {};
      expect(releasedMs).toBeLessThanOrEqual(released.ms);
      expect(releasedMs).toBeGreaterThan(released.ms * 0.6);
    },
  );

  it('a goodbye that is never written is never waited for: without a user timeout, for ever', () => {
    const mechanisms = [
      {
        kind: 'sweep',
        intervalMs: '30s',
        timer: 'per-connection',
        life: ['pong'],
        verdict: 'close',
      },
      { kind: 'close-handshake', timeoutMs: '5s', clock: 'written' },
    ];
    const policy = definePolicy({ name: 'one', mechanisms } as never);
    expect(proved(policy, story('frozen-saturated')).closed).toMatchObject({ ms: Infinity });
    const lives = longestLives(policy, story('frozen-saturated'), 8, WATCH_MS);
    expect(lives?.closedMs).toBe(Infinity);
  });
});

describe('T where only the kernels can end it', () => {
  const silent = (kind: string, lengthMs: number): Scenario =>
    defineScenario({
      kind: 'live',
      name: 'silent',
      load: { kind: 'saturated', messageBytes: 65_536 },
      silence: { kind, lengthMs },
    } as never);
  const toleratedMs = (policy: Policy, scenario: Scenario): number => {
    const tolerance = reachTolerance(policy, scenario);
    if (tolerance.kind !== 'proved') throw new Error(tolerance.because);
    return tolerance.ms;
  };

  test.each([
    ['none', 'outage'],
    ['user-timeout-20s', 'outage'],
    ['keepalive-10-5-3-user-timeout-10s', 'host-sleep'],
    ['user-timeout-20s', 'process-pause'],
    ['user-timeout-20s', 'page-freeze'],
  ])(
    '%s: nobody is ended in a shorter %s, and somebody in one a twentieth longer',
    (name, kind) => {
      const ms = toleratedMs(preset(name), silent(kind, 1_000));
      expect(livesEnded(preset(name), silent(kind, Math.floor(ms) - 1), 16, 16)).toBe(0);
      const longer = silent(kind, Math.ceil(ms * 1.05) + 12);
      expect(livesEnded(preset(name), longer, 16, 16)).toBeGreaterThan(0);
    },
  );

  it('is endless where a peer that does not read has its probes answered', () => {
    expect(toleratedMs(preset('none'), silent('process-pause', 1_000))).toBe(Infinity);
    expect(livesEnded(preset('none'), silent('process-pause', 1_200_000), 2, 2)).toBe(0);
  });
});

const DRAWN = asMany(65);
const LIVES = 6;

/** A drawn cell, but that its server sends as fast as the send path takes it. */
function drawFull(seed: number): { policy: Policy; scenario: Scenario } | null {
  const cell = drawFault(seed);
  if (cell === null) return null;
  const draw = numbers(seed * 31 + 7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const load = { kind: 'saturated', messageBytes: pick([3_000, 16_384, 65_536, 300_000]) };
  const { broken, ...server } = cell.scenario.server;
  const more = {
    ...(broken === undefined || broken.kind === 'loop-stalled' ? {} : { broken }),
    userQueueBytes: pick([0, 1_000, 65_536, 1_000_000]),
    sendPath: pick(['queued', 'queued', 'locked']),
  };
  try {
    const drawn = { ...cell.scenario, load, server: { ...server, ...more } };
    return { policy: cell.policy, scenario: defineScenario(drawn as never) };
  } catch {
    return null;
  }
}

describe('drawn policies', () => {
  it(`are not outlived: ${DRAWN} cells, ${LIVES} lives each`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawFull(seed);
      if (cell === null) continue;
      const bound = reachBound(cell.policy, cell.scenario);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity || bound.prevented) continue;
      judged += 1;
      const watchMs = bound.decidedMs * 1.2 + 1_200_000;
      const lives = longestLives(cell.policy, cell.scenario, LIVES, watchMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `drawFull(${seed}): ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 3);
  }, 120_000);
});
