/** Exact order statistics: every number stated is one that was observed. */
import { assert } from '../../model/assert.ts';
import type { Distribution } from '../../model/results/types.ts';

/** Chart data holds at most this many points of a distribution. */
export const QUANTILE_POINTS = 512;

/**
 * Nearest-rank statistics of a sample in µs, stated in ms.
 *
 * @param ascendingUs the sample, sorted
 */
export function distribution(ascendingUs: readonly number[]): Distribution {
  const samples = ascendingUs.length;
  if (samples === 0) return { min: null, p50: null, p99: null, max: null, samples };
  return {
    min: rankMs(ascendingUs, 0),
    p50: rankMs(ascendingUs, Math.ceil(0.5 * samples) - 1),
    p99: rankMs(ascendingUs, Math.ceil(0.99 * samples) - 1),
    max: rankMs(ascendingUs, samples - 1),
    samples,
  };
}

/** The sample itself, or evenly spaced ranks of it, ends included. */
export function thinnedMs(ascendingUs: readonly number[]): readonly number[] {
  const { length } = ascendingUs;
  if (length <= QUANTILE_POINTS) return ascendingUs.map((us) => us / 1000);
  return Array.from({ length: QUANTILE_POINTS }, (_, i) =>
    rankMs(ascendingUs, Math.round((i * (length - 1)) / (QUANTILE_POINTS - 1))),
  );
}

function rankMs(ascendingUs: readonly number[], rank: number): number {
  const us = ascendingUs[rank];
  assert(us !== undefined, 'a rank lies inside the sample');
  return us / 1000;
}
