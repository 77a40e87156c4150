/** What follows from a path alone. */
import type { Path } from './types.ts';

/** The longest round trip of what is not lost: the jitter may fall on both ways. */
export function longestRttMs({ rttMs, jitterMs = 0 }: Path): number {
  return rttMs + 2 * jitterMs;
}
