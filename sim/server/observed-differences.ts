/**
 * Differences between policies that have come about in the runs of a world: which mechanisms gave a verdict, and whether
 * the two measures of a send queue ever disagreed. Policies that differ only in what has not come about have lived the
 * same lives, and are played once (scenarios/compare/deduplicate.ts). Kept over all runs of a world.
 */
export interface ObservedDifferences {
  /** A bit for each mechanism that gave a verdict. */
  verdicts: number;
  /** Of a queue that was not empty, its length or the bytes acknowledged moved between two samples, but not both. */
  measuresDiffer: boolean;
}

/** None yet. */
export function noDifferences(): ObservedDifferences {
  return { verdicts: 0, measuresDiffer: false };
}
