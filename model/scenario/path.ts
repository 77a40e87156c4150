/** What follows from a path alone. */
import type { Path } from './types.ts';

/** The most that is added to a packet's way: jitter, and half of what the round trip rises by. */
export function addedMs({ rttMs, jitterMs = 0, risesToMs = rttMs }: Path): number {
  return jitterMs + (risesToMs - rttMs) / 2;
}

/** The longest round trip of what is not lost: what is added may fall on both ways. */
export function longestRttMs(path: Path): number {
  return path.rttMs + 2 * addedMs(path);
}

/** Whether a path gets worse once the connection has settled: packets are late or lost, or the round trip rises. */
export function isUneven(path: Path): boolean {
  return addedMs(path) > 0 || (path.lossPercent ?? 0) > 0;
}
