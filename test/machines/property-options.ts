/** Options of every property here: a fixed seed unless GHOSTBOUND_SEED names another, printed when it fails. */
import type { Parameters } from 'fast-check';

const DEFAULT_SEED = 20261121;

export function propertyOptions<T>(options: Parameters<T> = {}): Parameters<T> {
  const seed = Number(process.env['GHOSTBOUND_SEED'] ?? DEFAULT_SEED);
  return { seed, verbose: 0, ...options };
}
