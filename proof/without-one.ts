/**
 * N − 1: each mechanism of a policy dies silently in turn, and reachability says what becomes of B. Where ghosts that were found then live for ever, the policy hangs by a thread: one timer
 * that stops, with nothing to tell of it, and nothing else behind it. It is said only where a life on the worst path shows it.
 */
import { reachBound, type ReachBound } from '../model/reach/index.ts';
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

/** B of one fault, and what it becomes as each mechanism dies; null where that one acts no more anyway. */
export interface FaultWithoutOne {
  readonly fault: string;
  readonly ms: number;
  /** By mechanism: ms, Infinity only where a life shows it, undefined where nothing is known. */
  readonly laterMs: readonly (number | undefined | null)[];
}

/**
 * What becomes of a fault's B as each mechanism dies; null where there is no finite one.
 *
 * @param bound B, as reachability proves it
 */
export function withoutEach(
  policy: Policy,
  scenario: Scenario,
  bound: ReachBound,
  seed: bigint,
): FaultWithoutOne | null {
  if (bound.kind === 'not-proved' || bound.prevented || bound.decidedMs === Infinity) return null;
  return {
    fault: scenario.name,
    ms: bound.decidedMs,
    laterMs: policy.mechanisms.map(({ lost }, index) =>
      lost === undefined ? longestMs(withoutOne(policy, index), scenario, seed) : null,
    ),
  };
}

/**
 * What each mechanism of a policy is to its ghosts.
 *
 * @param faults those among its scenarios that have a finite B
 * @example
 * const sweep = presets['alive-flag-sweep'];
 * const fault = { fault: 'vanish-idle', ms: 60_000, laterMs: [Infinity] };
 * mechanismsKnockedOut(sweep, [fault])[0].endless // => ['vanish-idle']
 */
export function mechanismsKnockedOut(
  policy: Policy,
  faults: readonly FaultWithoutOne[],
): WithoutOne[] {
  return policy.mechanisms.flatMap((mechanism, index): WithoutOne[] => {
    if (mechanism.lost !== undefined) return [];
    const after = faults.map(({ fault, ms, laterMs }) => ({ fault, ms, laterMs: laterMs[index] }));
    const named = (which: (ms: number, laterMs: number | undefined | null) => boolean): string[] =>
      after.flatMap(({ fault, ms, laterMs }) => (which(ms, laterMs) ? [fault] : []));
    return [
      {
        policy: policy.name,
        mechanism: index,
        kind: mechanism.kind,
        faults: faults.length,
        endless: named((_, laterMs) => laterMs === Infinity),
        longer: named(
          (ms, laterMs) => typeof laterMs === 'number' && laterMs !== Infinity && laterMs > ms,
        ),
        unknown: named((_, laterMs) => laterMs === undefined),
      },
    ];
  });
}
