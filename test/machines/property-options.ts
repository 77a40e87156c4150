/**
 * Options of every property here: the seed of all properties, and GHOSTBOUND_PROPERTY_RUNS for more runs. A failure
 * prints seed and path.
 */
import type { Parameters } from 'fast-check';
import { SEED } from '../support/seed.ts';

export function propertyOptions<T>(options: Parameters<T> = {}): Parameters<T> {
  const { GHOSTBOUND_PROPERTY_RUNS: runs } = process.env;
  return {
    ...options,
    seed: SEED,
    ...(runs === undefined ? {} : { numRuns: Number(runs) }),
  };
}
