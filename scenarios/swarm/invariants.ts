/**
 * The invariants of every run: no ghost outlives a bound that is stated, and no living peer is reaped inside a silence
 * that is said to be tolerated.
 */
import { bounds } from '../../model/bounds/index.ts';
import type { Bound, Bounds } from '../../model/bounds/types.ts';
import type { Policy } from '../../model/policy/types.ts';
import { endedAgainstClaim, outlived } from '../../model/results/assertions.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { seedWords } from '../../sim/random.ts';
import { silenceMs } from '../../sim/world/timeline/plan.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import type { RunRecord } from '../../sim/world/run.ts';
import { watchMs } from '../watch.ts';

/** A run in which something stated did not hold. */
export interface BrokenRun {
  /** Which run of the seed. */
  readonly run: number;
  readonly what: 'false-reap' | 'ghost-outlived-bound';
}

function late(endUs: number, faultUs: number, { maxMs }: Bound, watchedMs: number): boolean {
  const lifeMs = endUs === Infinity ? null : (endUs - faultUs) / 1000;
  return outlived({ maxMs: lifeMs, never: lifeMs === null ? 1 : 0, watchedMs }, maxMs);
}

function breaks(
  record: RunRecord,
  scenario: Scenario,
  stated: Bounds,
  watchedMs: number,
): BrokenRun['what'] | undefined {
  const lengthMs = scenario.kind === 'live' ? silenceMs(scenario.silence) : null;
  if (endedAgainstClaim(Number(record.endedAlive), lengthMs, stated.tolerance)) {
    return 'false-reap';
  }
  if (scenario.kind === 'live' || record.prevented || record.endedAlive) return undefined;
  const { faultAtUs, decidedAtUs, releasedAtUs } = record;
  const outlives =
    late(decidedAtUs, faultAtUs, stated.decided, watchedMs) ||
    late(releasedAtUs, faultAtUs, stated.released, watchedMs);
  return outlives ? 'ghost-outlived-bound' : undefined;
}

/**
 * The first of a cell's runs in which something stated does not hold; null when all do.
 *
 * @param runs how many to play, from run 0
 */
export function brokenRun(
  policy: Policy,
  scenario: Scenario,
  seed: bigint,
  runs: number,
): BrokenRun | null {
  const stated = bounds(policy, scenario);
  const { decided, released, tolerance } = stated;
  // What is not stated cannot be broken.
  if (![decided, released, tolerance].some(({ proved }) => proved)) return null;
  const watchedMs = watchMs(policy, scenario);
  const player = new RunPlayer(policy, scenario, watchedMs, false);
  const words = seedWords(seed);
  for (let run = 0; run < runs; run += 1) {
    player.play(words, run);
    const what = breaks(player.record, scenario, stated, watchedMs);
    if (what !== undefined) return { run, what };
  }
  return null;
}
