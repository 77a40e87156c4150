/** Worst paths played: reachability and the simulator share no code on the way, so a life that attains the bound vouches for both. */
import { describe, expect, it } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import { reachBound, reachTolerance } from '../../model/reach/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { playPhases } from '../../proof/phases.ts';
import { replayBound, replayTolerance } from '../../proof/replay.ts';
import { verificationRow } from '../../proof/row.ts';
import { reachedBound, reachedTolerance } from '../../proof/verify.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { share } from '../support/share.ts';

const TICK_MS = 4;
const US_IN_MS = 0.001;

function cell(policy: string, scenario: string): readonly [Policy, Scenario] {
  return [presets[policy] as Policy, scenarios[scenario] as Scenario];
}

/** The longest ghost of a cell, and what is proved of it. */
function longest(policy: string, scenario: string) {
  const [who, what] = cell(policy, scenario);
  const bound = reachBound(who, what, undefined, true);
  if (bound.kind === 'not-proved') throw new Error(bound.because);
  const replay = replayBound(who, what, bound, 1n);
  if (replay === null) throw new Error('nothing to play');
  return { bound, replay };
}

describe('the longest ghost', () => {
  it.each([
    // Two ticks, the first a whole interval after a fault that comes with the opening.
    ['alive-flag-sweep', 'vanish-idle', 60_000],
    ['alive-flag-sweep', 'vanish-busy', 60_000],
    ['ws-heartbeat-per-connection', 'frozen-busy', 60_000],
    // A whole interval to the ping, and its 10 s.
    ['sweep-and-pong-timer', 'vanish-idle', 40_000],
    // The pong under way arrives, a pause of 5 s, and 1 s for the answer.
    ['grpc-5s-1s', 'vanish-idle', 6_025],
    ['grpc-5s-1s', 'tunnel-half-open', 6_025],
    // The same with a pause of 25 s and 20 s for the answer.
    ['engine.io-v4-server', 'vanish-idle', 45_025],
    ['engine.io-v4-server', 'frozen-idle', 45_025],
  ])('of %s on %s lives %d ms in the simulator, to a tick', (policy, scenario, ms) => {
    const { bound, replay } = longest(policy, scenario);
    expect(bound.decidedMs).toBe(ms);
    expect(replay.because).toBeNull();
    expect(replay.attainedMs).toBeGreaterThanOrEqual(ms - TICK_MS);
    expect(replay.attainedMs).toBeLessThanOrEqual(ms);
    expect(replay.gapMs).toBeCloseTo(ms - replay.attainedMs, 6);
  });

  it('is the life that simulate plays at its phases', () => {
    const { replay } = longest('sweep-and-pong-timer', 'vanish-idle');
    const [who, what] = cell('sweep-and-pong-timer', 'vanish-idle');
    const run = simulate(who, what, { seed: 1n, phases: replay.phases, trace: true });
    expect((run.decidedAtMs ?? 0) - (run.faultAtMs ?? 0)).toBeCloseTo(replay.attainedMs, 6);
    expect(run.faultAtMs).toBe((replay.phases.eventAtUs ?? 0) / 1000);
    // The timeline is that of this life: the ping is asked a whole interval after the fault.
    const ping = run.events.find(({ event }) => event === 'ping-queued');
    expect((ping?.atMs ?? 0) - (run.faultAtMs ?? 0)).toBeCloseTo(30_000, 1);
  });

  it('is not longer than what is proved, and a gap has its reason', () => {
    const policies = Object.keys(presets);
    const faults = Object.keys(scenarios).filter((name) => scenarios[name]?.kind === 'fault');
    const cells = policies.flatMap((policy) => faults.map((fault) => [policy, fault] as const));
    let played = 0;
    for (const [policy, scenario] of share(cells, 400)) {
      const [who, what] = cell(policy, scenario);
      const bound = reachBound(who, what, undefined, true);
      const replay = bound.kind === 'proved' ? replayBound(who, what, bound, 1n, 12) : null;
      if (bound.kind === 'not-proved' || replay === null) continue;
      played += 1;
      expect(replay.attainedMs, `${policy} on ${scenario}`).toBeLessThanOrEqual(
        bound.decidedMs + US_IN_MS,
      );
      const near = replay.attainedMs >= bound.decidedMs - TICK_MS;
      expect(replay.because === null, `${policy} on ${scenario}: ${replay.because}`).toBe(near);
    }
    expect(played).toBeGreaterThan(0);
  });

  it('names the clocks that are known only within limits', () => {
    const { replay, bound } = longest('none', 'vanish-busy');
    expect(replay.because).toContain('retransmission timer');
    expect(replay.attainedMs).toBeGreaterThan(0.99 * bound.decidedMs);
  });

  it('contradicts a bound that it outlives', () => {
    const [sweep, vanish] = cell('alive-flag-sweep', 'vanish-idle');
    const [sampled] = compare({ policies: [sweep], scenarios: [vanish], runs: 2, seed: '1' }).rows;
    if (sampled === undefined) throw new Error('a comparison has a row');
    const { replay } = longest('alive-flag-sweep', 'vanish-idle');
    const told = (attainedMs: number | null) =>
      verificationRow(bounds(sweep, vanish), {
        reached: reachedBound(reachBound(sweep, vanish)),
        survived: reachedTolerance(reachTolerance(sweep, vanish)),
        phases: playPhases(sweep, vanish, 2, 1n),
        sampled,
        replay: { attainedMs, gapMs: 0, lives: replay.lives },
      });
    expect(told(replay.attainedMs).verdict).toBe('agree');
    expect(told(60_001)).toMatchObject({ verdict: 'ghost-outlived-bound', against: ['replay'] });
    expect(told(null)).toMatchObject({ verdict: 'ghost-outlived-bound', against: ['replay'] });
  });
});

describe('the shortest silence that ends a living peer', () => {
  it.each([
    // One interval of the sweep, less the round trip after which the flag was set.
    ['alive-flag-sweep', 'live-starved-lock', 29_950],
    ['ws-heartbeat-per-connection', 'live-loop-stall', 29_950],
    // 10 s from the ping, less a round trip.
    ['sweep-and-pong-timer', 'live-loop-stall', 9_950],
  ])('of %s on %s is %d ms in the simulator, to a tick', (policy, scenario, ms) => {
    const [who, what] = cell(policy, scenario);
    const tolerance = reachTolerance(who, what, undefined, true);
    if (tolerance.kind === 'not-proved') throw new Error(tolerance.because);
    expect(tolerance.ms).toBe(ms);
    const replay = replayTolerance(who, what, tolerance, 1n);
    if (replay === null) throw new Error('nothing to play');
    expect(replay.because).toBeNull();
    expect(replay.attainedMs).toBeGreaterThanOrEqual(ms);
    expect(replay.attainedMs).toBeLessThanOrEqual(ms + TICK_MS + US_IN_MS);
    const run = simulate(who, replay.scenario, { seed: 1n, phases: replay.phases });
    expect(run.endedAlive).not.toBeNull();
  });

  it('hangs on retransmissions in an outage: a gap of few per cent, with the clocks that leave it open', () => {
    const [who, what] = cell('sweep-and-pong-timer', 'live-outage-9s');
    const tolerance = reachTolerance(who, what, undefined, true);
    if (tolerance.kind === 'not-proved') throw new Error(tolerance.because);
    const replay = replayTolerance(who, what, tolerance, 1n);
    expect(replay?.attainedMs).toBeGreaterThanOrEqual(tolerance.ms);
    expect(replay?.attainedMs).toBeLessThanOrEqual(1.05 * tolerance.ms);
  });

  it('is not played where none ends anybody', () => {
    const [who, what] = cell('none', 'live-outage-9s');
    expect(replayTolerance(who, what, reachTolerance(who, what, undefined, true), 1n)).toBeNull();
  });
});
