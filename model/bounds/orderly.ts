/**
 * Orderly ends, which meet ghosts and the living alike: a connection that carried no message, either
 * way, for a time; and one that has reached an age.
 */
import { policyPeriodMs } from '../policy/period.ts';
import type { AgeMechanism, IdleMechanism } from '../policy/types.ts';
import { latest, never, plus, shift, type Ending, type Span } from './ending.ts';
import { writesUntilFull } from './send-stall.ts';
import { hangsInPing, judges, lastMessage, SETTLE_MS, type Situation } from './situation.ts';
import { windowCloses } from './window.ts';

/**
 * The instant `afterMs` after the connection opened: at the fault it has settled and is at most two of
 * the policy's own periods old.
 */
function afterOpening(situation: Situation, afterMs: number): Span {
  const oldest = 2 * policyPeriodMs(situation.policy) + SETTLE_MS;
  return { minMs: Math.max(0, afterMs - oldest), maxMs: afterMs };
}

const HANGS = 'The thread whose timer this is waits in a ping for the lock of the blocked send.';

/** The last message either way; null = there never was one. A writer stops when its queue is full. */
function lastUse(situation: Situation): Span | null {
  const { scenario, rules } = situation;
  const { load } = scenario;
  if (load.kind === 'idle') return null;
  if (load.kind === 'saturated') {
    const closed = situation.kernelAnswers ? windowCloses(situation)?.closed.maxMs : undefined;
    return { minMs: -2 * rules.rttMs, maxMs: closed ?? rules.rttMs };
  }
  const stuck = situation.kernelAnswers ? windowCloses(situation)?.stuck : situation.unacked?.since;
  const full = plus(stuck ?? { minMs: 0, maxMs: 0 }, writesUntilFull(situation, load));
  const received = lastMessage(situation);
  return received === null ? full : latest(full, received);
}

/** When the rule about idleness ends a ghost. */
export function idleEnding(situation: Situation, idle: IdleMechanism): Ending {
  const by = 'idle';
  if (!judges(idle)) return never(by, 'The idle timer is lost.');
  if (hangsInPing(situation)) return never(by, HANGS);
  const last = lastUse(situation);
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
