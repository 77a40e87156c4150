/**
 * A deadline that every sign of life puts off: the ghost's time is what is left of it at the fault. It asks for
 * nothing itself, so all hangs on what feeds it: the answers to another mechanism's pings, what the peer sends
 * of its own, or only what a buffer says.
 */
import { clockText } from './clock-text.ts';
import { roundedClock } from '../../mechanisms/granularity.ts';
import { judges } from '../../mechanisms/in-force.ts';
import type { ReceiveDeadlineMechanism } from '../../policy/types.ts';
import { hangsInPing } from '../life/blocked.ts';
import { mannerOf, never, plus, seldom, type Ending } from '../ends/ending.ts';
import { fromOpening } from '../ends/opening.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';

const BY = 'receive deadline';

/** When the deadline reaps a ghost. */
export function receiveDeadlineEnding(
  situation: Situation,
  deadline: ReceiveDeadlineMechanism,
): Ending {
  if (!judges(deadline)) return never(BY, 'The deadline is lost: its timer does not run.');
  const { timeoutMs, granularity, life } = deadline;
  const patience = roundedClock(timeoutMs, granularity);
  const heard = lastHeard(situation, life);
  const span = heard === null ? fromOpening(patience) : plus(heard, patience);
  const field = clockText('timeoutMs', granularity);
  const common = { manner: mannerOf(deadline), inFlight: false, by: BY } as const;
  if (hangsInPing(situation, span.maxMs)) {
    const why =
      'The thread whose deadline this is waits in a ping for the lock of the blocked send.';
    return seldom(BY, why, span.minMs, common.manner, false);
  }
  if (heard === null) {
    return {
      ...span,
      ...common,
      formula: field,
      derivation:
        'Nothing on this connection counts as life, so the deadline reaps it timeoutMs after the opening, ghost or not.',
    };
  }
  if (heard.maxMs === null) {
    const why = 'What counts as life goes on after the fault, and puts the deadline off for ever.';
    return seldom(BY, why, span.minMs, common.manner, false);
  }
  return {
    ...span,
    ...common,
    formula: `last sign of life + ${field}`,
    derivation: `The last sign of life is read up to ${heard.maxMs} ms after the fault; timeoutMs later the deadline is reached.`,
  };
}
