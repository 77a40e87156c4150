/** How old a connection is when the fault comes: what counts from its opening hangs on that. */
import type { Span } from './ending.ts';
import type { Situation } from '../situation.ts';

/** The youngest a connection can be when the fault comes: it may be just open. */
export function youngestMs({ scenario: { fault } }: Situation): number {
  return fault.kind === 'nat-expiry' ? fault.idleMs : 0;
}

/** A time counted from the opening of the connection, which is of any age: all of it may be over at the fault, or none. */
export function fromOpening(time: Span): Span {
  return { minMs: 0, maxMs: time.maxMs };
}
