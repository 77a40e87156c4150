/**
 * Which scenarios tell the same of every policy: the same stated B, the same ghosts never found, and times that
 * the sample cannot tell apart (two-sample Kolmogorov–Smirnov, 1 % level). They share one chart.
 */
import type { ComparisonRow } from '../../model/results/types.ts';
import { boundWords, ghostState, neverWords } from './cells.ts';

/** Critical value of the two-sample Kolmogorov–Smirnov statistic at the 1 % level, times √(nm / (n + m)). */
const KS_1_PERCENT = 1.63;

/** A row that stands for others too. */
export interface Alike<T> {
  readonly first: T;
  /** The others, in order. */
  readonly others: readonly T[];
}

/** Puts things together that are alike; each group stands where its first member stood. */
export function grouped<T>(
  things: readonly T[],
  areAlike: (a: T, b: T) => boolean,
): readonly Alike<T>[] {
  const groups: { readonly first: T; readonly others: T[] }[] = [];
  for (const thing of things) {
    const group = groups.find(({ first }) => areAlike(first, thing));
    if (group === undefined) groups.push({ first: thing, others: [] });
    else group.others.push(thing);
  }
  return groups;
}

/** Whether two rows of one policy tell the same. */
export function rowsAlike(a: ComparisonRow, b: ComparisonRow): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'live') {
    return a.endedAlive.count === b.endedAlive.count && a.toleranceMs === b.toleranceMs;
  }
  const state = ghostState(a);
  if (state !== ghostState(b)) return false;
  if (state === 'prevented' || state === 'not-reached') return true;
  if (state === 'never') return neverWords(a) === neverWords(b);
  if (boundWords(a) !== boundWords(b)) return false;
  if (state === 'partly-never' && neverWords(a) !== neverWords(b)) return false;
  const n = a.ghostMs.samples;
  const m = b.ghostMs.samples;
  const critical = KS_1_PERCENT * Math.sqrt((n + m) / (n * m));
  return greatestDistance(a.ghostQuantilesMs, b.ghostQuantilesMs) < critical;
}

/** The Kolmogorov–Smirnov statistic: the greatest distance between two empirical distributions. */
export function greatestDistance(a: readonly number[], b: readonly number[]): number {
  let greatest = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    while (i < a.length && (a[i] ?? Infinity) <= at) i++;
    while (j < b.length && (b[j] ?? Infinity) <= at) j++;
    greatest = Math.max(greatest, Math.abs(i / a.length - j / b.length));
  }
  return greatest;
}
