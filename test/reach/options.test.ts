/** Socket options of a scenario in B and T: by hand where the option is the number, against simulated lives everywhere. */
import { describe, expect, it, test } from 'vitest';
import { definePolicy } from '../../model/policy/index.ts';
import { reachBound, reachTolerance } from '../../model/reach/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { drawFaultOf, drawSilence, numbers } from './draw.ts';
import { livesEnded, longestGhostMs, longestLives, outlived } from './lives.ts';
import { asMany } from '../support/effort.ts';

const load = { kind: 'periodic', bytes: 200, everyMs: 5_000, direction: 'server' };
const none = definePolicy({ name: 'none', mechanisms: [] } as never);

function vanish(kernel: object, more: object = {}): Scenario {
  const fault = { kind: 'vanish' };
  const path = { rttMs: 50 };
  const story = { kind: 'fault', name: 'story', fault, load, path, ...more };
  return defineScenario({ ...story, kernel: { profile: '6.18', ...kernel } } as never);
}

describe('B under socket options', () => {
  // The last expiry comes past 15 retries' time by one longest wait at most.
  it('TCP_RTO_MAX_MS shortens the waits, and the time that tcp_retries2 stands for', () => {
    const scenario = vanish({ serverSocketOptions: { TCP_RTO_MAX_MS: 5_000 } });
    const bound = reachBound(none, scenario);
    if (bound.kind !== 'proved') throw new Error(bound.because);
    const seenMs = longestGhostMs(none, scenario, 100, 1_300_000) ?? 0;
    expect(bound.decidedMs).toBeLessThan(100_000);
    expect(seenMs).toBeLessThanOrEqual(bound.decidedMs);
    expect(bound.decidedMs).toBeLessThanOrEqual(seenMs * 1.02 + 12);
  });

  it('SO_SNDBUF is what fills', () => {
    const writeDeadline = { kind: 'write-deadline', timeoutMs: 10_000, judgedAt: 'deadline' };
    const policy = definePolicy({ name: 'one', mechanisms: [writeDeadline] } as never);
    const often = { load: { ...load, bytes: 1_000, everyMs: 500 } };
    const scenario = vanish({ serverSocketOptions: { SO_SNDBUF: 100_000 } }, often);
    const bound = reachBound(policy, scenario);
    if (bound.kind !== 'proved') throw new Error(bound.because);
    const seenMs = longestGhostMs(policy, scenario, 60, 1_300_000) ?? 0;
    expect(seenMs).toBeGreaterThan((200_000 / 1_000) * 500 * 0.9);
    expect(seenMs).toBeLessThanOrEqual(bound.decidedMs);
  });

  test.each([
    ['TCP_NODELAY', { serverSocketOptions: { TCP_NODELAY: 0 } }],
    ['SO_RCVBUF', { clientSocketOptions: { SO_RCVBUF: 20_000 } }],
    ['TCP_THIN_LINEAR_TIMEOUTS', { serverSocketOptions: { TCP_THIN_LINEAR_TIMEOUTS: 1 } }],
    ['tcp_thin_linear_timeouts', { serverSysctls: { 'net.ipv4.tcp_thin_linear_timeouts': 1 } }],
    ['SO_SNDBUF of nothing', { serverSocketOptions: { SO_SNDBUF: 2_000 } }],
  ])('%s changes a rule that is not followed', (_name, kernel) => {
    expect(reachBound(none, vanish(kernel)).kind).toBe('not-proved');
  });
});

/** Options that the exploration follows, drawn from a number. */
function drawnOptions(seed: number): object {
  const draw = numbers(seed * 977 + 5);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const side = (): object => ({
    ...(draw() < 0.5 ? { TCP_RTO_MAX_MS: pick([1_000, 3_000, 10_000, 60_000]) } : {}),
    ...(draw() < 0.5 ? { TCP_RTO_MIN_US: pick([1_000, 50_000, 400_000, 2_000_000]) } : {}),
    ...(draw() < 0.3 ? { TCP_LINGER2: pick([-1, 5, 30, 90]) } : {}),
    ...(draw() < 0.3 ? { SO_SNDBUF: pick([30_000, 100_000]) } : {}),
  });
  return { profile: '6.18', serverSocketOptions: side(), clientSocketOptions: side() };
}

function under(scenario: Scenario, options: object): Scenario {
  return { ...scenario, kernel: { ...scenario.kernel, ...options } };
}

const DRAWN = asMany(40);

describe('drawn options', () => {
  it('no life is longer than B', () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN; seed += 1) {
      const cell = drawFaultOf(seed, seed % 3 === 0 ? { kind: 'vanish' } : null);
      if (cell === null) continue;
      const scenario = under(cell.scenario, drawnOptions(seed));
      const bound = reachBound(cell.policy, scenario, 4_000);
      if (bound.kind !== 'proved' || bound.decidedMs === Infinity) continue;
      judged += 1;
      const watchMs = Math.max(1_300_000, bound.decidedMs * 1.2);
      const lives = longestLives(cell.policy, scenario, 8, watchMs);
      if (lives === null) continue;
      broken.push(...outlived(bound, lives).map((said) => `${seed}: ${said}`));
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 3);
  });

  it('nobody is ended below T', () => {
    let judged = 0;
    const broken: string[] = [];
    for (let seed = 1; seed <= DRAWN / 2; seed += 1) {
      const cell = drawSilence(seed);
      if (cell === null) continue;
      const silent = (lengthMs: number): Scenario =>
        under(cell.silent(lengthMs), drawnOptions(seed));
      const tolerance = reachTolerance(cell.policy, silent(1_000));
      const ms = tolerance.kind === 'proved' ? tolerance.ms : tolerance.atLeastMs;
      const lengthMs = ms === Infinity ? 60_000 : Math.ceil(ms) - 1;
      if (lengthMs < 1) continue;
      judged += 1;
      const ended = livesEnded(cell.policy, silent(lengthMs), 8, 8);
      if (ended > 0) broken.push(`${seed}: ${ended} ended in ${lengthMs} ms, T ${ms}`);
    }
    expect(broken).toEqual([]);
    expect(judged).toBeGreaterThan(DRAWN / 24);
  });
});
