/** Slow start as round trips: a sender has twice as much in flight in each of them as in the one before, from ten segments on (RFC 5681 §3.1). */
import { INITIAL_CWND, MSS } from '../linux/constants.ts';

/** What slow start begins with, bytes. */
export const FIRST_FLIGHT_BYTES = INITIAL_CWND * MSS;

/** How often so many bytes take a round trip, from slow start's first flight on. */
export function roundTrips(bytes: number): number {
  return Math.ceil(Math.log2(bytes / FIRST_FLIGHT_BYTES + 1));
}
