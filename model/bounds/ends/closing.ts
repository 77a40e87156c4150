/**
 * From the decision to close(2): at once, or after a goodbye that a ghost does not answer, or when user space has
 * been written out, which behind a blocked path it never is.
 */
import { mayBlockBefore } from '../life/blocked.ts';
import { earliest, latest, plus, shift, type Ending, type Span } from './ending.ts';
import { closeHandshakeOf } from '../../reaper/close-handshake.ts';
import { inFlightEnding } from '../kernel/in-flight.ts';
import type { Flight } from '../kernel/episode.ts';
import { retransmissionDeath } from '../kernel/retransmission.ts';
import type { Situation } from '../situation.ts';

/** A Close frame on its own. */
const LONE: Flight = { start: 'lone', everyMs: null };

/** The Close frame of an orderly end, or what was in flight before it. */
export function goodbyeSince(situation: Situation, decided: Span): Span {
  const { unacked } = situation;
  return unacked === null ? decided : earliest(unacked.since, decided);
}

/** When the descriptor of an ending is closed. */
export function closedAfter(situation: Situation, ending: Ending): Span {
  const { scenario } = situation;
  if (ending.by === 'closing handshake' && ending.manner === 'peer') {
    if (scenario.load.kind !== 'saturated') return ending;
    // What was queued before the answering Close frame goes first.
    const drained = { minMs: 0, maxMs: situation.farEdgeMs - situation.edgeMs };
    return plus(ending, drained);
  }
  if (ending.manner === 'flush') return flushed(situation, ending);
  return ending.manner === 'orderly' ? goodbyeOver(situation, ending) : ending;
}

/** The end of the closing handshake's own time: from its Close frame being queued, or taken. */
function goodbyeTimeout(situation: Situation, ending: Ending): Span {
  const { timeoutMs, clock } = closeHandshakeOf(situation.policy);
  if (timeoutMs === null) return { minMs: null, maxMs: null };
  const timedOut = shift(ending, timeoutMs);
  const waits = clock === 'written' && mayBlockBefore(situation, ending.maxMs);
  return waits ? { minMs: timedOut.minMs, maxMs: null } : timedOut;
}

function goodbyeOver(situation: Situation, ending: Ending): Span {
  const { scenario, rules, userTimeoutMs, kernelAnswers } = situation;
  const { fault } = scenario;
  const timedOut = goodbyeTimeout(situation, ending);
  const least = answersGoodbye(situation) ? ending.minMs : timedOut.minMs;
  if (fault.kind === 'reboot') return { minMs: ending.minMs, maxMs: timedOut.maxMs };
  if (kernelAnswers) {
    const kernel = inFlightEnding(situation);
    // Who has begun to close writes no more: the window may stay open.
    const writesOn = fault.kind !== 'close-unanswered';
    const given =
      !writesOn || kernel.maxMs === null ? timedOut : earliest(timedOut, latest(kernel, ending));
    const sooner =
      kernel.minMs === null
        ? least
        : earliest({ minMs: least, maxMs: null }, latest(kernel, ending)).minMs;
    return { minMs: sooner, maxMs: given.maxMs };
  }
  // Nobody answers the Close frame; the kernel may give it up before the timeout does.
  const death = retransmissionDeath(rules, LONE, userTimeoutMs);
  const since = goodbyeSince(situation, ending);
  const span = latest(
    ending,
    earliest(timedOut, { ...plus(since, death), maxMs: plus(ending, death).maxMs }),
  );
  return answersGoodbye(situation) ? { minMs: ending.minMs, maxMs: span.maxMs } : span;
}

/** Whether somebody may answer the Close frame, or reset it. */
function answersGoodbye({ scenario, rules }: Situation): boolean {
  const { fault } = scenario;
  switch (fault.kind) {
    case 'page-freeze':
    case 'host-sleep':
    case 'crash':
    case 'half-close':
      return true;
    case 'nat-expiry':
      return fault.onExpiry !== undefined && fault.onExpiry !== 'drop';
    default:
      return rules.lossy;
  }
}

/** close(2) as soon as user space is empty: at once, or with the kernel's own end of what blocks it. */
function flushed(situation: Situation, ending: Ending): Span {
  if (!mayBlockBefore(situation, ending.maxMs)) return ending;
  const { rules, unacked, userTimeoutMs, kernelAnswers } = situation;
  if (kernelAnswers) {
    const { maxMs } = inFlightEnding(situation);
    return {
      minMs: ending.minMs,
      maxMs: maxMs === null ? null : latest(ending, { minMs: 0, maxMs }).maxMs,
    };
  }
  const death = retransmissionDeath(rules, unacked?.flight ?? LONE, userTimeoutMs);
  const since = unacked?.since ?? ending;
  return { minMs: ending.minMs, maxMs: latest(ending, plus(since, death)).maxMs };
}
