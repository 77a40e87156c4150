/**
 * The watchdog on the send path: something is queued and nothing moves for the grace.
 *
 * The socket is looked at every `everyMs`, so the grace in effect is `graceMs` rounded up to a whole
 * number of looks, and it starts with the look that found the last progress, less than `everyMs`
 * after it. By application acknowledgement the grace starts with the message itself.
 */
import type { SendStallMechanism } from '../policy/types.ts';
import { never, plus, type Ending, type Span } from './ending.ts';
import { judges, loadUnacked, type Situation } from './situation.ts';
import { windowCloses } from './window.ts';

const BY = 'send stall';

/** From the last progress to the reap. */
export function stallPatience(stall: SendStallMechanism): { minMs: number; maxMs: number } {
  const { graceMs, everyMs } = stall;
  const grace =
    stall.progress === 'application-ack' ? graceMs : Math.ceil(graceMs / everyMs) * everyMs;
  return { minMs: grace, maxMs: grace + everyMs };
}

/** Since when nothing moves by the mechanism's measure, and why; a text alone = it always moves. */
function stuckSince(
  situation: Situation,
  stall: SendStallMechanism,
): { readonly since: Span; readonly what: string } | string {
  const { load } = situation.scenario;
  if (stall.progress === 'application-ack') {
    const sent = loadUnacked(situation.scenario, situation.edgeMs);
    if (sent === null) return 'No message is sent, so no acknowledgement is missed.';
    if (load.kind === 'saturated') {
      return 'The last acknowledgement that arrives ends the grace, and a full send path takes no further message to start another.';
    }
    return { since: sent.since, what: 'the first message that nobody answers' };
  }
  if (stall.progress === 'queue' && load.kind === 'periodic' && load.everyMs < stall.graceMs) {
    return 'Every write makes the queue longer, and a queue that changes counts as progress.';
  }
  if (situation.kernelAnswers) {
    const closed = windowCloses(situation);
    if (closed === null)
      return "The peer's kernel acknowledges all there is, so nothing is queued.";
    return { since: closed.stuck, what: 'the first byte behind the closed window' };
  }
  if (situation.unacked === null) return 'Nothing is sent, so nothing is queued.';
  return { since: situation.unacked.since, what: situation.unacked.what };
}

/** When the send-stall watchdog reaps a ghost. */
export function sendStallEnding(situation: Situation, stall: SendStallMechanism): Ending {
  if (!judges(stall)) return never(BY, 'The watchdog is lost: nobody looks, or nobody acts.');
  const stuck = stuckSince(situation, stall);
  if (typeof stuck === 'string') return never(BY, stuck);
  const looks = stall.progress === 'application-ack' ? 'graceMs' : '⌈graceMs / everyMs⌉ · everyMs';
  return {
    ...plus(stuck.since, stallPatience(stall)),
    manner: 'destroy',
    inFlight: true,
    by: BY,
    formula: `${stuck.what} + ${looks} + everyMs`,
    derivation: `Counted from ${stuck.what}, ${stuck.since.minMs} to ${stuck.since.maxMs} ms after the fault: the look that sees it comes less than everyMs later, and the reap at the first look at which the grace is over.`,
  };
}
