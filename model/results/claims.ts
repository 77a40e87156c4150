/**
 * Whether lives that were seen contradict what is stated of them. Virtual time is whole microseconds;
 * a closed form may carry the error of binary fractions, so a microsecond is no contradiction.
 */

export const ONE_US_IN_MS = 0.001;

/** What was seen of one instant: the latest, and how many lives never came to it. */
export interface Seen {
  readonly maxMs: number | null;
  readonly never: number;
}

/** Whether something was later than its bound, or never came in spite of one; null = unbounded. */
export function outlived({ maxMs, never }: Seen, boundMs: number | null): boolean {
  if (boundMs === null) return false;
  return never > 0 || (maxMs !== null && maxMs > boundMs + ONE_US_IN_MS);
}

/**
 * Whether living peers were reaped in a silence that is said to be tolerated: in none at all, too,
 * as before a fault. A tolerance of 0 promises nothing, not even that.
 */
export function reapedAgainstClaim(
  falseReaps: number,
  silenceMs: number | null,
  toleranceMs: number | null,
): boolean {
  if (falseReaps === 0 || toleranceMs === 0) return false;
  return toleranceMs === null || (silenceMs ?? 0) <= toleranceMs;
}
