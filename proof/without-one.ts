/**
 * N − 1: each mechanism of a policy dies silently in turn, and reachability says what becomes of B. Where ghosts that were found then live for ever, the policy hangs by a thread: one timer
 * that stops, with nothing to tell of it, and nothing else behind it. It is said only where a life on the worst path shows it.
 */
import { reachBound } from '../model/reach/index.ts';
import type { Mechanism, Policy } from '../model/policy/types.ts';
import type { WithoutOne } from '../model/results/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { replayBound } from './replay.ts';

/** The policy with one mechanism that does nothing any more. */
function withoutOne(policy: Policy, index: number): Policy {
  const mechanisms = policy.mechanisms.map((one, i): Mechanism =>
    i === index ? { ...one, lost: 'timer' } : one,
  );
  return { ...policy, mechanisms };
}

/** B to the decision, ms; Infinity only where a life shows it, undefined where nothing is known. */
function longestMs(policy: Policy, scenario: Scenario, seed: bigint): number | undefined {
  const bound = reachBound(policy, scenario, undefined, true);
  if (bound.kind === 'not-proved') return undefined;
  if (bound.decidedMs !== Infinity) return bound.decidedMs;
  return replayBound(policy, scenario, bound, seed)?.attainedMs === Infinity ? Infinity : undefined;
}

/**
 * What each mechanism of a policy is to its ghosts, on the faults among some scenarios.
 *
 * @example
 * const [sweep] = mechanismsKnockedOut(presets['alive-flag-sweep'], [scenarios['vanish-idle']], 1n);
 * sweep.endless // => ['vanish-idle']
 */
export function mechanismsKnockedOut(
  policy: Policy,
  scenarios: readonly Scenario[],
  seed: bigint,
): WithoutOne[] {
  const found = scenarios.flatMap((scenario) => {
    if (scenario.kind !== 'fault') return [];
    const bound = reachBound(policy, scenario);
    if (bound.kind === 'not-proved' || bound.prevented || bound.decidedMs === Infinity) return [];
    return [{ scenario, ms: bound.decidedMs }];
  });
  return policy.mechanisms.flatMap((mechanism, index): WithoutOne[] => {
    if (mechanism.lost !== undefined) return [];
    const without = withoutOne(policy, index);
    const after = found.map(({ scenario, ms }) => {
      const laterMs = longestMs(without, scenario, seed);
      return { name: scenario.name, ms, laterMs };
    });
    return [
      {
        policy: policy.name,
        mechanism: index,
        kind: mechanism.kind,
        faults: found.length,
        endless: after.flatMap(({ name, laterMs }) => (laterMs === Infinity ? [name] : [])),
        longer: after.flatMap(({ name, ms, laterMs }) =>
          laterMs !== undefined && laterMs !== Infinity && laterMs > ms ? [name] : [],
        ),
        unknown: after.flatMap(({ name, laterMs }) => (laterMs === undefined ? [name] : [])),
      },
    ];
  });
}
