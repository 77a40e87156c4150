/**
 * B where the kernel itself has the last word, or none: behind a peer whose kernel answers, without a route, beside a router that reports errors.
 * By hand where the rules of Linux give a number, against simulated lives everywhere.
 */
import { describe, expect, it, test } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { drawFaultOf } from './draw.ts';
import { longestGhostMs, longestLives, outlived } from './lives.ts';
import { asMany } from '../support/effort.ts';

function of(...mechanisms: object[]): Policy {
  return definePolicy({ name: 'one', mechanisms } as never);
}

function story(fault: object, more: object = {}): Scenario {
  const path = { rttMs: 50 };
  const load = { kind: 'idle' };
  return defineScenario({ kind: 'fault', name: 'story', fault, load, path, ...more } as never);
}

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound;
}

const busy = { kind: 'periodic', bytes: 1024, everyMs: 500, direction: 'server' };
const keepalive = { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 };
const userTimeout = { kind: 'user-timeout', timeoutMs: 20_000 };
const writeDeadline = { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'deadline' };

describe('a peer whose kernel answers', () => {
  const frozen = story({ kind: 'freeze' }, { load: busy });

  // Its window is open, or shut and its probes are answered (RFC 9293 §3.8.6.1): for ten hours, too.
  test.each([
    ['nothing', of()],
    ['keepalive', of(keepalive)],
  ])('%s: it is kept for ever', (_name, policy) => {
    expect(proved(policy, frozen).decidedMs).toBe(Infinity);
    expect(longestGhostMs(policy, frozen, 2, 36_000_000)).toBe(Infinity);
  });

  it('is not said to be kept for ever where a user timeout, or who hears of writes, ends it behind a shut window', () => {
    for (const policy of [of(userTimeout), of(writeDeadline)]) {
      expect(longestGhostMs(policy, frozen, 2, 36_000_000)).toBeLessThan(Infinity);
      const bound = reachBound(policy, frozen);
      expect(bound.kind === 'proved' && bound.decidedMs === Infinity).toBe(false);
    }
  });
});

describe('a router that reports errors', () => {
  const refused = story({ kind: 'unreachable' }, { load: busy });

  // Each report takes a back-off back (RFC 6069): from the first retransmission, 0.5 s after the write, waits of a second until 924.6 s are over.
  test.each([
    ['tcp_retries2', of(), 924_600],
    ['a user timeout', of(userTimeout), 20_000],
  ])('%s ends it within a second of its time', (_name, policy, limitMs) => {
    const { decidedMs } = proved(policy, refused);
    expect(decidedMs).toBeGreaterThan(limitMs + 500);
    expect(decidedMs).toBeLessThan(limitMs + 500 + 500 + 1_100 + 100);
    const seenMs = longestGhostMs(policy, refused, 60, 1_400_000) ?? 0;
    expect(seenMs).toBeLessThanOrEqual(decidedMs);
    expect(decidedMs).toBeLessThanOrEqual(seenMs * 1.02 + 500);
  });

  it('an orphan is sent again at the same distance until 102.2 s are over', () => {
    const policy = of({ kind: 'sweep', intervalMs: 30_000, life: ['pong'] });
    const { released } = proved(policy, story({ kind: 'unreachable' }));
    const seen = longestLives(policy, story({ kind: 'unreachable' }), 200, 1_300_000);
    if (released.kind !== 'proved') throw new Error(released.because);
    expect(seen?.releasedMs).toBeLessThanOrEqual(released.ms);
    expect(released.ms).toBeLessThanOrEqual((seen?.releasedMs ?? 0) * 1.05);
  });
});

describe('an interface that is down', () => {
  const down = story({ kind: 'link-down' }, { load: busy });

  // The first write waits for the probe timer: 0.25 s, doubled nine times, then 120 s each, sixteen waits in all.
  it('counts what cannot leave: tcp_retries2 probes and one more wait', () => {
    const { decidedMs, by } = proved(of(), down);
    expect(by).toBe('tcp_retries2');
    const seenMs = longestGhostMs(of(), down, 60, 1_400_000) ?? 0;
    expect(seenMs).toBeGreaterThan(250 * (2 ** 9 - 1) + 7 * 120_000);
    expect(seenMs).toBeLessThanOrEqual(decidedMs);
    expect(decidedMs).toBeLessThanOrEqual(seenMs * 1.02 + 12);
  });

  it('takes in no acknowledgement that is in the air: what it was for is sent again to the end', () => {
    const seldom = { kind: 'periodic', bytes: 1024, everyMs: 100_000, direction: 'server' };
    const { decidedMs } = proved(of(keepalive), story({ kind: 'link-down' }, { load: seldom }));
    expect(decidedMs).toBeGreaterThan(900_000);
  });

  it('keeps an orphan for nine waits', () => {
    const policy = of({ kind: 'sweep', intervalMs: 30_000, life: ['pong'] });
    const { released } = proved(policy, story({ kind: 'link-down' }));
    const seen = longestLives(policy, story({ kind: 'link-down' }), 300, 1_300_000);
    if (released.kind !== 'proved') throw new Error(released.because);
    expect(seen?.releasedMs).toBeGreaterThan(250 * (2 ** 9 - 1));
    expect(seen?.releasedMs).toBeLessThanOrEqual(released.ms);
    expect(released.ms).toBeLessThanOrEqual((seen?.releasedMs ?? 0) * 1.05);
  });
});

describe('counterexamples', () => {
  it('pings behind what is retransmitted make the queue longer, and who looks at it sees it move', () => {
    const sweep = { kind: 'sweep', intervalMs: 4_000, life: ['pong'], lost: 'verdict' };
    const watchdog = { kind: 'send-stall', progress: 'queue', graceMs: 20_000, everyMs: 2_000 };
    const policy = of(sweep, watchdog);
    const vanish = story({ kind: 'vanish' });
    expect(longestGhostMs(policy, vanish, 10, 1_300_000)).toBeGreaterThan(900_000);
    const bound = reachBound(policy, vanish, 4_000);
    expect(bound.kind === 'proved' && bound.decidedMs < 900_000).toBe(false);
  });

  it('large messages are packed into larger buffers: their kernel takes more of them', () => {
    const load = { kind: 'periodic', bytes: 1448, everyMs: 1000, direction: 'server' };
    const scenario = story({ kind: 'vanish' }, { load, path: { rttMs: 120 } });
    const { decidedMs } = proved(of(writeDeadline), scenario);
    expect(longestGhostMs(of(writeDeadline), scenario, 40, 1_300_000)).toBeLessThanOrEqual(
      decidedMs,
    );
  });
});

describe('writes faster than a tail loss probe', () => {
  // A round trip's estimate that has seen delayed acknowledgements makes the probe as late as the load is frequent.
  const often = { kind: 'periodic', bytes: 1000, everyMs: 300, direction: 'both' };
  const scenario = story({ kind: 'vanish' }, { load: often });

  it('put it off until the congestion window is full, and no longer', () => {
    const { decidedMs, by } = proved(of(), scenario);
    expect(by).toBe('tcp_retries2');
    expect(decidedMs).toBeLessThan(924_600 + 120_000 + 10_000);
    expect(longestGhostMs(of(), scenario, 100, 1_300_000)).toBeLessThanOrEqual(decidedMs);
  });

  it('a life that a kernel with something in flight lets go on for ever is none', () => {
    const watchdog = { kind: 'send-stall', progress: 'queue', graceMs: 30_000, everyMs: 1_000 };
    const bound = reachBound(of(watchdog), story({ kind: 'vanish' }, { load: busy }));
    expect(bound.kind === 'proved' && bound.decidedMs === Infinity).toBe(false);
  });
});

const DRAWN = asMany(30);

describe('drawn policies', () => {
  it.each(['unreachable', 'link-down'])(`%s: not outlived, ${DRAWN} cells`, (kind) => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawFaultOf(seed, { kind });
      if (cell === null) continue;
      const bound = reachBound(cell.policy, cell.scenario, 4_000);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity) continue;
      judged += 1;
      const watchMs = Math.max(1_300_000, bound.decidedMs * 1.2);
      const lives = longestLives(cell.policy, cell.scenario, 6, watchMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `drawFaultOf(${seed}): ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 3);
  });
});
