/**
 * Options of every property here: a fixed seed and number of runs, so that a run is the same everywhere.
 * GHOSTBOUND_SEED tries another seed, GHOSTBOUND_PROPERTY_RUNS more runs; a failure prints seed and path.
 */
import type { Parameters } from 'fast-check';

const DEFAULT_SEED = 20261121;

export function propertyOptions<T>(options: Parameters<T> = {}): Parameters<T> {
  const { GHOSTBOUND_SEED: seed, GHOSTBOUND_PROPERTY_RUNS: runs } = process.env;
  return {
    ...options,
    seed: Number(seed ?? DEFAULT_SEED),
    ...(runs === undefined ? {} : { numRuns: Number(runs) }),
  };
}
