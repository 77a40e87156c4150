/**
 * What is said of ghosts that were not all found, or need not be: what was seen, for how long it was watched, and `never` only
 * where nobody is left who could still find them. The word of a row and the sentence below the table are made here, so that
 * they agree.
 */
import type { MissedIn } from '../model/results/standing.ts';
import { formatCount, formatMs } from './numbers.ts';

type Seen = Omit<MissedIn, 'scenario'>;

/** `2 of 200`. */
export function countOf(count: number, total: number): string {
  return `${formatCount(count)} of ${formatCount(total)}`;
}

function watched({ watchedMs, watchedOut }: Seen): string {
  return watchedOut ? '' : ` within the ${formatMs(watchedMs, 'down')} watched`;
}

/** The word of a row: `never notices`, `found 2 of 200 within the 24.00 h watched`. */
export function missedWord(seen: Seen): string {
  const { found, ghosts, watchedOut } = seen;
  if (found === ghosts) return 'found all, with no bound';
  if (found === 0) return watchedOut ? 'never notices' : `found nothing${watched(seen)}`;
  return `found only ${countOf(found, ghosts)}${watched(seen)}`;
}

/** The same as a part of a sentence, in two halves: the names of the scenarios go between them. */
export function missedHalves(seen: Seen): readonly [string, string] {
  const { found, ghosts, watchedOut } = seen;
  if (found === ghosts) return ['has no bound for', ''];
  if (found === 0) return watchedOut ? ['never notices', ''] : ['finds nothing in', watched(seen)];
  return [`finds only ${countOf(found, ghosts)} in`, watched(seen)];
}
