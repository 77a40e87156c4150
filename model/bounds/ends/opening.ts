/** How old a connection is when the fault comes: what counts from its opening hangs on that. */
import type { Span } from './ending.ts';
import { SETTLE_MS, type Situation } from '../situation.ts';

/** A middlebox chooses its own instant, after one time of idleness or, at the latest, a second one. */
function rested({ scenario: { fault } }: Situation): number {
  return fault.kind === 'nat-expiry' ? 2 * fault.idleMs : 0;
}

/** The youngest a connection can be when the fault comes. */
export function youngestMs({ periodMs, scenario }: Situation): number {
  return scenario.fault.kind === 'nat-expiry' ? scenario.fault.idleMs : SETTLE_MS + periodMs;
}

/**
 * A time counted from the opening of the connection: at the fault it has settled and is at most two of
 * the policy's own periods old.
 */
export function fromOpening(situation: Situation, time: Span): Span {
  const oldest = 2 * situation.periodMs + SETTLE_MS + rested(situation);
  return { minMs: Math.max(0, (time.minMs ?? 0) - oldest), maxMs: time.maxMs };
}
