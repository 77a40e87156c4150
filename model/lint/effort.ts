/** How much there is to play in a life: so many beats of whatever repeats fastest. */
import { kindOf } from '../mechanisms/index.ts';
import type { Policy } from '../policy/types.ts';
import { rhythmOf } from '../rhythm/index.ts';
import type { Scenario } from '../scenario/types.ts';

/** What one life may have, and all lives of a trial together; more is not played. */
const MOST_BEATS_OF_A_LIFE = 100_000;
const MOST_BEATS = 200_000;
/** A full send path moves megabytes a second. */
const LONGEST_SATURATED_MS = 60_000;

/** The shortest rhythm of a life, ms; Infinity where nothing repeats. */
function busiestMs(policy: Policy, scenario: Scenario): number {
  return Math.min(Infinity, ...rhythmOf(policy, scenario).cycles.map(({ everyMs }) => everyMs));
}

/** Whether a connection without a load would be ended before anything could happen to it. */
function closesQuiet({ mechanisms }: Policy): boolean {
  return mechanisms.some((one) => kindOf(one).endsTheQuiet(one));
}

/** How long a life can be watched at most, ms. */
export function longestWatchMs(policy: Policy, scenario: Scenario): number {
  return 0.9 * MOST_BEATS_OF_A_LIFE * busiestMs(policy, scenario);
}

/** How many of so many lives can be played. */
export function affordableLives(policy: Policy, scenario: Scenario, lives: number): number {
  const { windowMs } = rhythmOf(policy, scenario);
  if (scenario.load.kind === 'saturated' && closesQuiet(policy)) {
    // The load of such a life flows from its beginning, one period and more before anything happens.
    if (windowMs > LONGEST_SATURATED_MS) return 0;
  }
  const beats = (scenario.watchMs + 2 * windowMs) / busiestMs(policy, scenario);
  if (beats > MOST_BEATS_OF_A_LIFE) return 0;
  return Math.min(lives, Math.max(1, Math.floor(MOST_BEATS / Math.max(1, beats))));
}
