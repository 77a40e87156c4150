/**
 * Requests of a pool: B by hand where the query's instant and the mechanism give a number, against simulated lives everywhere.
 */
import { describe, expect, it, test } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachBound, type ProvedBound } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { numbers } from './draw.ts';
import { longestGhostMs, longestLives, outlived } from './lives.ts';
import { asMany } from '../support/effort.ts';

function of(...mechanisms: object[]): Policy {
  return definePolicy({ name: 'one', mechanisms } as never);
}

const REST_MS = 60_000;

function story(fault: object, idleMs = REST_MS, more: object = {}): Scenario {
  return defineScenario({
    kind: 'fault',
    name: 'story',
    fault,
    story: { kind: 'pool', idleMs, queryBytes: 256 },
    path: { rttMs: 50 },
    ...more,
  } as never);
}

function proved(policy: Policy, scenario: Scenario): ProvedBound {
  const bound = reachBound(policy, scenario);
  if (bound.kind !== 'proved') throw new Error(`not proved: ${bound.because}`);
  return bound;
}

const freeze = { kind: 'freeze' };
const vanish = { kind: 'vanish' };
const forgets = { kind: 'nat-expiry', idleMs: 300_000 };
const deadline = { kind: 'request-deadline', timeoutMs: 30_000 };
const test5s = { kind: 'borrow-check', timeoutMs: 5_000 };
const keepalive = { kind: 'keepalive', idleMs: 10_000, intervalMs: 5_000, probes: 3 };

describe('a bound by hand', () => {
  // The fault comes when the entry has just begun to rest; a minute later it is asked.
  test.each([
    ['a deadline on the answer', of(deadline), freeze, REST_MS + 30_000],
    ['a test before lending', of(test5s), freeze, REST_MS + 5_000],
    ['an answer awaited for ever, by a kernel that answers', of(), freeze, Infinity],
    ['keepalive, which a kernel answers', of(keepalive), freeze, Infinity],
    ['a test beside a deadline', of(deadline, test5s), freeze, REST_MS + 5_000],
    // An entry that is closed while it rests is never asked.
    ['an idle limit below the rest', of({ kind: 'idle', timeoutMs: 30_000 }), freeze, 28_100],
  ])('%s', (_name, policy, fault, ms) => {
    expect(proved(policy, story(fault)).decidedMs).toBe(ms);
  });

  it('is the kernel’s own, from the query on, where nobody else waits for the answer', () => {
    const { by, decidedMs } = proved(of(), story(vanish));
    expect(by).toBe('tcp_retries2');
    expect(decidedMs).toBeGreaterThan(REST_MS + 924_600);
    expect(decidedMs).toBeLessThan(REST_MS + 924_600 + 120_000);
  });

  it('a query takes the place of keepalive probes that nobody has answered yet', () => {
    expect(proved(of(keepalive), story(vanish)).by).toBe('tcp_retries2');
    const { decidedMs, by } = proved(of(keepalive, deadline), story(vanish));
    expect(by).toBe('request-deadline');
    expect(decidedMs).toBeGreaterThan(10_000 + 30_000);
    expect(decidedMs).toBeLessThan(26_000 + 30_000);
  });

  it('counts from when a box forgets the flow: 25 minutes before the query', () => {
    const { decidedMs } = proved(of(deadline), story(forgets, 1_800_000));
    expect(decidedMs).toBeGreaterThan(1_500_000 + 30_000);
    expect(decidedMs).toBeLessThanOrEqual(1_500_000 + 30_000 + 2_100);
  });

  it('is the reset of a box that tells whoever asks', () => {
    const resets = { ...forgets, onExpiry: 'reset-next' };
    const { decidedMs, by } = proved(of(deadline), story(resets, 1_800_000));
    expect(by).toBe('reset by the other side');
    expect(decidedMs).toBeLessThanOrEqual(1_500_000 + 2_100 + 100);
  });

  it('an entry that has just been used is lent untested', () => {
    const fresh = { ...test5s, freshMs: 120_000 };
    expect(proved(of(fresh), story(freeze)).decidedMs).toBe(Infinity);
    expect(longestGhostMs(of(fresh), story(freeze), 3, 3_000_000)).toBe(Infinity);
  });

  it('a query that waits for a stalled loop is not followed', () => {
    const server = { broken: { kind: 'loop-stalled', lengthMs: 10_000 } };
    expect(reachBound(of(deadline), story(freeze, REST_MS, { server })).kind).toBe('not-proved');
  });
});

/** A pool's mechanisms, drawn from a number. */
function drawn(seed: number): { policy: Policy; scenario: Scenario } {
  const draw = numbers(seed * 5347 + 3);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const ms = (from: number, to: number): number =>
    Math.max(100, Math.round((from * (to / from) ** draw()) / 100) * 100);
  const mechanisms: object[] = [
    () => ({ kind: 'request-deadline', timeoutMs: ms(500, 60_000) }),
    () => ({
      kind: 'borrow-check',
      timeoutMs: ms(500, 30_000),
      freshMs: pick([0, ms(500, 60_000)]),
    }),
    () => ({ kind: 'idle', timeoutMs: ms(5_000, 300_000) }),
    () => ({ kind: 'age', maxMs: ms(10_000, 900_000) }),
    () => ({ kind: 'ping', intervalMs: ms(3_000, 120_000), replyTimeoutMs: ms(1_000, 30_000) }),
    () => ({ kind: 'receive-deadline', timeoutMs: ms(20_000, 300_000), life: ['any-byte'] }),
    () => ({
      kind: 'send-stall',
      progress: 'bytes-acked',
      graceMs: ms(3_000, 60_000),
      everyMs: 1_000,
    }),
  ]
    .filter(() => draw() < 0.35)
    .map((make) => make());
  const seconds = (from: number, to: number): number => Math.ceil(ms(from, to) / 1000) * 1000;
  if (draw() < 0.3) {
    const intervalMs = seconds(1_000, 30_000);
    mechanisms.push({ kind: 'keepalive', idleMs: seconds(2_000, 60_000), intervalMs, probes: 3 });
  }
  if (draw() < 0.3) mechanisms.push({ kind: 'user-timeout', timeoutMs: ms(1_000, 60_000) });
  const idleMs = ms(10_000, 600_000);
  const forgotten = { kind: 'nat-expiry', idleMs: ms(5_000, idleMs) };
  const fault = pick([
    vanish,
    freeze,
    { kind: 'page-freeze' },
    { kind: 'crash' },
    { kind: 'reboot', downMs: 20_000 },
    { kind: 'link-down' },
    { kind: 'unreachable' },
    forgotten,
    { ...forgotten, onExpiry: 'reset-next' },
    { ...forgotten, onExpiry: 'reset-client' },
  ]);
  const path = { rttMs: pick([1, 50, 300]) };
  const kernel = { hz: pick([100, 250, 1000]) };
  return { policy: of(...mechanisms), scenario: story(fault, idleMs, { path, kernel }) };
}

const DRAWN = asMany(60);

describe('drawn pools', () => {
  it(`are not outlived: ${DRAWN} cells`, () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const { policy, scenario } = drawn(seed);
      const bound = reachBound(policy, scenario, 6_000);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity) continue;
      judged += 1;
      const watchMs = Math.max(1_300_000, bound.decidedMs * 1.2);
      const lives = longestLives(policy, scenario, 10, watchMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `drawn(${seed}): ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 2);
  });
});
