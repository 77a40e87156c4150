/** A sweep needs one interval more than it forgives. */
import type { SweepMechanism } from '../../policy/types.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { PolicyRule, Problem } from '../types.ts';
import { foundBy, ghostMs } from '../ask.ts';
import { gone, VANISH } from '../story.ts';
import { inWords } from '../words.ts';

const NAME = 'sweep-takes-two-intervals';

function wording(sweep: SweepMechanism): Pick<Problem, 'message' | 'remedy'> {
  const { intervalMs } = sweep;
  const misses = sweep.misses ?? 1;
  const every = inWords(intervalMs);
  const worst = inWords((misses + 1) * intervalMs);
  if (misses > 1) {
    return {
      message: `A sweep every ${every} that forgives ${misses} ticks finds a ghost after up to (${misses} + 1) · ${every} = ${worst}: the tick that follows the fault may still have heard of the peer.`,
      remedy: `Forgive fewer ticks (with ${misses - 1} it is ${inWords(misses * intervalMs)}), or add a reply timer to each ping.`,
    };
  }
  return {
    message: `A sweep every ${every} finds a ghost after up to 2 · ${every} = ${worst}: the first sweep after the fault still finds the flag that the last pong has set.`,
    remedy: `Sweep every ${inWords(intervalMs / 2)} to find it within ${every}, or add a reply timer to each ping.`,
  };
}

export const sweepTakesTwoIntervals: PolicyRule = {
  name: NAME,
  severity: 'note',
  summary:
    'A sweep finds a ghost within two of its intervals, not one; with misses, one more than it forgives.',
  source: 'websockets/ws, README: How to detect and close broken connections?',
  check: (subject) => {
    const [load] = subject.loads;
    if (load === undefined) return [];
    const { policy } = subject;
    const scenario = gone(subject, NAME, VANISH, load);
    const boundMs = ghostMs(policy, scenario);
    if (boundMs === null || boundMs === undefined) return [];
    if (foundBy(policy, scenario) !== 'sweep') return [];
    return policy.mechanisms.flatMap((one, index) => {
      if (one.kind !== 'sweep' || one.lost !== undefined || one.skipAfter !== undefined) return [];
      if (boundMs <= (one.misses ?? 1) * one.intervalMs) return [];
      return [note({ path: mechanismPath(subject, index, 'intervalMs'), ...wording(one) })];
    });
  },
};
