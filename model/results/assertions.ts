/**
 * Whether lives that were seen contradict what is stated of them. Virtual time is whole microseconds;
 * a bound may carry the error of binary fractions, so a microsecond is no contradiction.
 */

export const ONE_US_IN_MS = 0.001;

/** What was seen of one instant: the latest, and how many lives had not come to it after `watchedMs`. */
export interface Seen {
  readonly maxMs: number | null;
  readonly never: number;
  readonly watchedMs: number;
}

/**
 * Whether something was later than its bound, or had not come when it was over; null = none is stated, or unbounded. A
 * watch that is shorter than the bound contradicts nothing.
 */
export function outlived({ maxMs, never, watchedMs }: Seen, boundMs: number | null): boolean {
  if (boundMs === null) return false;
  const notInTime = never > 0 && watchedMs > boundMs + ONE_US_IN_MS;
  return notInTime || (maxMs !== null && maxMs > boundMs + ONE_US_IN_MS);
}

/** A tolerance as it is stated. */
export interface StatedTolerance {
  /** ms; null = any silence is survived, or nothing is proved. */
  readonly maxMs: number | null;
  readonly proved: boolean;
}

/**
 * Whether living peers were ended, by whatever, in a silence that is said to be tolerated: in none at all, too,
 * as before a fault. Only what is shorter than T is tolerated: a T of 0 promises nothing.
 */
export function endedAgainstClaim(
  endedAlive: number,
  silenceMs: number | null,
  { maxMs, proved }: StatedTolerance,
): boolean {
  if (endedAlive === 0 || !proved) return false;
  return maxMs === null || (silenceMs ?? 0) < maxMs - ONE_US_IN_MS;
}
