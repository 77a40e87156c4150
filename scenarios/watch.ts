/** How long a run is watched: as the scenario says, and past every bound that could be broken. */
import { bounds } from '../model/bounds/index.ts';
import type { Bounds } from '../model/bounds/types.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';

/** A ghost is watched this long beyond its bound: one that lives longer must be seen to. */
const BEYOND_BOUND_MS = 10_000;

/** Watch of a ghost in ms after its fault; a living peer leaves none, and its scenario says it all. */
export function watchMs(policy: Policy, scenario: Scenario): number {
  if (scenario.kind === 'live') return scenario.watchMs;
  return watchPast(bounds(policy, scenario), scenario);
}

/** The same, when the bounds are at hand. */
export function watchPast(stated: Bounds, scenario: Scenario): number {
  const latest = Math.max(stated.decided.maxMs ?? 0, stated.released.maxMs ?? 0);
  return Math.max(scenario.watchMs, Math.ceil(latest) + BEYOND_BOUND_MS);
}
