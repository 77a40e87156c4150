/**
 * What the lives of a server have come to, as far as it tells policies apart: two that differ only in
 * the rest have lived the same lives. Kept over all lives of a world.
 */
export interface ObservedDifferences {
  /** A bit for each mechanism that gave a verdict. */
  verdicts: number;
  /** Of a queue that was not empty, its length or the bytes acknowledged moved between two looks, but not both. */
  measuresDiffer: boolean;
}

/** Nothing yet. */
export function noDifferences(): ObservedDifferences {
  return { verdicts: 0, measuresDiffer: false };
}
