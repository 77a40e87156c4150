/**
 * What a row of the comparison says in words. B and T are quoted only where they are proved; what was
 * sampled stands beside them and never in their place; a share that is never found stands beside the
 * longest that was.
 */
import type { ComparisonRow } from '../../model/results/types.ts';
import { formatMs, formatShare } from '../../text/numbers.ts';

/** A stated number: proved and finite, proved to have no limit, or not proved. */
export type Stated =
  | { readonly kind: 'finite'; readonly ms: number }
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'not-proved' };

function stated(ms: number | null, proved: boolean): Stated {
  if (!proved) return { kind: 'not-proved' };
  return ms === null ? { kind: 'unlimited' } : { kind: 'finite', ms };
}

/** B to the decision. */
export function boundOf(row: ComparisonRow): Stated {
  return stated(row.boundMs, row.proved);
}

/** T of the row's silence. */
export function toleranceOf(row: ComparisonRow): Stated {
  return stated(row.toleranceMs, row.toleranceProved);
}

/** What became of the ghosts of a fault row. */
export type GhostState =
  /** Its own traffic kept the fault from happening in every run. */
  | 'prevented'
  /** No run came to the fault. */
  | 'not-reached'
  /** No ghost was found while it was watched. */
  | 'never'
  /** Some were, some were not. */
  | 'partly-never'
  /** All were. */
  | 'found';

/** Of a fault row: whether its ghosts are found. */
export function ghostState({ ghostMs, prevented }: ComparisonRow): GhostState {
  if (ghostMs.samples + ghostMs.undetected === 0)
    return prevented > 0 ? 'prevented' : 'not-reached';
  if (ghostMs.samples === 0) return 'never';
  return ghostMs.undetected > 0 ? 'partly-never' : 'found';
}

/** The share of ghosts that nobody found: never, where nobody is left who could. */
export function neverWords({ ghostMs, watchedMs, watchedOut }: ComparisonRow): string {
  const { samples, undetected } = ghostMs;
  const share = samples === 0 ? '' : `${formatShare(undetected, samples + undetected)} `;
  if (watchedOut) return `${share}never found`;
  return `${share === '' ? 'none' : `${share}not`} found within the ${formatMs(watchedMs, 'down')} watched`;
}

/** The longest ghost of the sample, in words that say that it is one. */
function seenWords({ ghostMs: { max } }: ComparisonRow): string {
  return max === null ? '' : `seen ${formatMs(max)}`;
}

/** What a fault row comes to, in one line: B, or why there is none, and what was seen. */
export function ghostWords(row: ComparisonRow): string {
  switch (ghostState(row)) {
    case 'prevented':
      return 'kept from happening by its own traffic';
    case 'not-reached':
      return 'no run came to the fault';
    case 'never':
      return neverWords(row);
    case 'partly-never': {
      const others = row.ghostMs.max === null ? '' : formatMs(row.ghostMs.max, 'up');
      return `${neverWords(row)}, the others within ${others}`;
    }
    case 'found':
      return `${boundWords(row)} · ${seenWords(row)}`;
  }
}

/** `B 45.1 s`, `no bound`, or `not proved`. */
export function boundWords(row: ComparisonRow): string {
  const bound = boundOf(row);
  if (bound.kind === 'not-proved') return 'B not proved';
  return bound.kind === 'unlimited' ? 'no bound' : `B ${formatMs(bound.ms, 'up')}`;
}

/** Whether no ghost of the row outlives a proved bound. */
export function isBounded(row: ComparisonRow): boolean {
  return ghostState(row) === 'found' && boundOf(row).kind === 'finite';
}

/** What a living row comes to, in one line: how many were ended, how soon and by what. */
export function livingWords({ endedAlive, closedInOrder }: ComparisonRow): string {
  const { count, samples, earliestMs, by } = endedAlive;
  if (samples === 0) return 'no run';
  if (count === 0) {
    return closedInOrder > 0
      ? `${formatShare(closedInOrder, samples)} closed in order, as the scenario allows`
      : 'none ended';
  }
  const first = earliestMs === null ? '' : `, the first after ${formatMs(earliestMs)}`;
  return `${formatShare(count, samples)} ended while alive${first}${by === null ? '' : `, by ${by}`}`;
}

/** B as a number to sort by: the finite ones, then those not proved, then those without. */
export function boundOrder(row: ComparisonRow): number {
  const state = ghostState(row);
  if (state === 'prevented' || state === 'not-reached') return -1;
  if (state === 'never') return Infinity;
  if (state === 'partly-never') return Number.MAX_VALUE;
  const bound = boundOf(row);
  if (bound.kind === 'finite') return bound.ms;
  return bound.kind === 'not-proved' ? 1e200 : 1e250;
}
