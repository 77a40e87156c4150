/** A drawn policy or scenario that breaks a statement, made as plain as it can be and still break it. */
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import {
  brokenRun,
  shrinkPolicy,
  shrinkSwarm,
  swarmPolicy,
  swarmScenario,
  type BrokenRun,
  type ShrunkPolicy,
} from '../../scenarios/swarm/index.ts';

/** What breaks a statement, as plain as it gets. */
export interface Shrunk extends BrokenRun {
  readonly scenario: Scenario;
  readonly policy: Policy;
  /** The policy's file, where it was drawn. */
  readonly policyJson: ShrunkPolicy['json'] | null;
}

/**
 * The plainest form of a drawn policy and a drawn scenario that still break a statement, and the run that shows it;
 * null where both are written.
 */
export function shrink(
  policy: Policy,
  scenario: Scenario,
  seed: bigint,
  runs: number,
): Shrunk | null {
  const drawnPolicy = swarmPolicy(seed, policy.name) !== null;
  const drawnScenario = swarmScenario(seed, scenario.name) !== null;
  if (!drawnPolicy && !drawnScenario) return null;
  const first = brokenRun(policy, scenario, seed, runs);
  if (first === null) return null;
  const breaks = (one: Policy, story: Scenario): boolean =>
    brokenRun(one, story, seed, runs)?.what === first.what;
  const law = drawnPolicy ? shrinkPolicy(policy, (one) => breaks(one, scenario)) : null;
  const plain = law?.policy ?? policy;
  const story = drawnScenario
    ? (shrinkSwarm(seed, scenario.name, (one) => breaks(plain, one)) ?? scenario)
    : scenario;
  const run = brokenRun(plain, story, seed, runs);
  if (run === null) return null;
  return { ...run, scenario: story, policy: plain, policyJson: law?.json ?? null };
}
