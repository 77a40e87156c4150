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
  return statistics(ascendingUs, 1000);
}

/** The same of a sample of counts, which stay what they are. */
export function countDistribution(ascending: readonly number[]): Distribution {
  return statistics(ascending, 1);
}

function statistics(ascending: readonly number[], divisor: number): Distribution {
  const samples = ascending.length;
  if (samples === 0) return { min: null, p50: null, p99: null, max: null, samples };
  const rank = (index: number): number => valueAt(ascending, index) / divisor;
  return {
    min: rank(0),
    p50: rank(Math.ceil(0.5 * samples) - 1),
    p99: rank(Math.ceil(0.99 * samples) - 1),
    max: rank(samples - 1),
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
  return valueAt(ascendingUs, rank) / 1000;
}

function valueAt(ascending: readonly number[], rank: number): number {
  const value = ascending[rank];
  assert(value !== undefined, 'a rank lies inside the sample');
  return value;
}
