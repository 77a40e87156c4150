/** How long a run is watched: as the scenario says, and past every end that the closed forms expect. */
import { closedForms } from '../model/bounds/forms.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';

/** A ghost is watched this long beyond its expected end: one that lives longer must be seen to. */
const BEYOND_END_MS = 10_000;

/**
 * Watch of a ghost in ms after its fault; a living peer leaves none, and its scenario says it all. Nothing is claimed
 * by it: an estimate that is not proved will do.
 */
export function watchMs(policy: Policy, scenario: Scenario): number {
  if (scenario.kind === 'live') return scenario.watchMs;
  const { decided, released } = closedForms(policy, scenario);
  const latest = Math.max(decided.maxMs ?? 0, released.maxMs ?? 0);
  return Math.max(scenario.watchMs, Math.ceil(latest) + BEYOND_END_MS);
}
