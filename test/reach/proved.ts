/** What is asked of T by reachability, and how simulated lives are held against it. */
import { definePolicy } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { reachTolerance } from '../../model/reach/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { livesEnded } from './lives.ts';

/** A policy of these mechanisms. */
export function of(mechanisms: readonly object[], extra: object = {}): Policy {
  return definePolicy({ name: 'one', mechanisms, ...extra } as never);
}

/** T, which must be proved, ms. */
export function provedMs(policy: Policy, scenario: Scenario): number {
  const tolerance = reachTolerance(policy, scenario);
  if (tolerance.kind !== 'proved') throw new Error(`not proved: ${tolerance.because}`);
  return tolerance.ms;
}

/** Up to which length silences are proved to be survived, ms. */
function survivedMs(policy: Policy, scenario: Scenario): number {
  const tolerance = reachTolerance(policy, scenario);
  return tolerance.kind === 'proved' ? tolerance.ms : tolerance.atLeastMs;
}

/** Lives in silences that are shorter than what is proved to be survived. */
export interface Shorter {
  readonly judged: number;
  /** One text for each length in which somebody was ended. */
  readonly broken: readonly string[];
}

/**
 * Plays silences of a length that is just survived.
 *
 * @param endlessMs lengths that are tried where every one is survived
 * @param lives points of the grid of phases, and lives by chance
 */
export function endedInShorter(
  policy: Policy,
  silent: (lengthMs: number) => Scenario,
  endlessMs: readonly number[],
  lives: number,
): Shorter {
  const ms = survivedMs(policy, silent(1000));
  const lengths = (ms === Infinity ? endlessMs : [Math.ceil(ms) - 1]).filter((one) => one >= 1);
  const broken = lengths.flatMap((lengthMs) => {
    const ended = livesEnded(policy, silent(lengthMs), lives, lives);
    return ended > 0 ? [`${ended} ended in ${lengthMs} ms, T ${ms}`] : [];
  });
  return { judged: lengths.length, broken };
}
