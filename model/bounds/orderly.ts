/**
 * Orderly ends, which meet ghosts and the living alike: a connection that carried no message, either
 * way, for a time; and one that has reached an age.
 */
import { policyPeriodMs } from '../policy/period.ts';
import type { AgeMechanism, IdleMechanism } from '../policy/types.ts';
import { never, plus, shift, type Ending, type Span } from './ending.ts';
import { hangsInPing, judges, lastMessage, SETTLE_MS, type Situation } from './situation.ts';

/**
 * The instant `afterMs` after the connection opened: at the fault it has settled and is at most two of
 * the policy's own periods old.
 */
function afterOpening(situation: Situation, afterMs: number): Span {
  const oldest = 2 * policyPeriodMs(situation.policy) + SETTLE_MS;
  return { minMs: Math.max(0, afterMs - oldest), maxMs: afterMs };
}

const HANGS = 'The thread whose timer this is waits in a ping for the lock of the blocked send.';

/** When the rule about idleness ends a ghost. */
export function idleEnding(situation: Situation, idle: IdleMechanism): Ending {
  const by = 'idle';
  if (!judges(idle)) return never(by, 'The idle timer is lost.');
  if (hangsInPing(situation)) return never(by, HANGS);
  const { load } = situation.scenario;
  if (load.kind === 'periodic' && load.everyMs <= idle.timeoutMs) {
    return never(by, 'The server goes on sending messages, and these count as use.');
  }
  const message = lastMessage(situation);
  const { rttMs } = situation.rules;
  const last: Span | null =
    load.kind === 'saturated' ? { minMs: -2 * rttMs, maxMs: rttMs } : message;
  return {
    ...(last === null ? afterOpening(situation, idle.timeoutMs) : shift(last, idle.timeoutMs)),
    manner: 'orderly',
    inFlight: false,
    by,
    formula: 'timeoutMs',
    derivation:
      'Counted from the last message either way, or from the opening; the fault may come right after it.',
  };
}

/** When the rule about age ends a ghost. */
export function ageEnding(situation: Situation, age: AgeMechanism): Ending {
  const by = 'age';
  if (!judges(age)) return never(by, 'The age timer is lost.');
  if (hangsInPing(situation)) return never(by, HANGS);
  return {
    ...afterOpening(situation, age.maxMs),
    manner: 'orderly',
    inFlight: false,
    by,
    formula: 'maxMs',
    derivation: 'Counted from the opening; the fault may come right after it.',
  };
}

/** How long a closing handshake is waited for (`closeTimeout` of ws, lib/websocket.js). */
export const CLOSE_TIMEOUT_MS = 30_000;

/** When the descriptor of an orderly end is closed: nobody answers the Close frame of a ghost. */
export function afterCloseTimeout(decided: Span): Span {
  return plus(decided, { minMs: CLOSE_TIMEOUT_MS, maxMs: CLOSE_TIMEOUT_MS });
}
