/** How long a connection of a scenario takes until nothing of its opening is left to be seen. */
import { longestRttMs } from './path.ts';
import type { Path } from './types.ts';

/** Handshake, first round trips, delayed acknowledgements: over after this on an ordinary path. */
const ORDINARY_MS = 2_000;

/**
 * Time from the first SYN until the connection has settled, ms: two seconds, or two of the longest round
 * trips where these are longer. Both ends are established after one and a half.
 */
export function settleMs(path: Path): number {
  return Math.max(ORDINARY_MS, Math.ceil(2 * longestRttMs(path)));
}
