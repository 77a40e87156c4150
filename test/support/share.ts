/**
 * A part of many cases that are alike: every nth of them, another part with each seed, so that commits together try all. All of
 * them where GHOSTBOUND_CASES asks for more than usual, as at night.
 */
import { SEED } from './seed.ts';

const TRIES_ALL = Number(process.env['GHOSTBOUND_CASES'] ?? 1) > 1;

/** @param offset shifts which part it is, so that lists that are walked together do not leave out the same */
export function share<T>(items: readonly T[], nth: number, offset = 0): readonly T[] {
  return TRIES_ALL ? items : items.filter((_, index) => (index + offset + SEED) % nth === 0);
}
