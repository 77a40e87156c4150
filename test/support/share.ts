/**
 * A part of many cases that are alike: every nth of them, another part with each seed, so that commits together try all. All of
 * them where whole lists are asked for.
 */
import { WHOLE_LISTS } from './effort.ts';
import { SEED } from './seed.ts';

/** @param offset shifts which part it is, so that lists that are walked together do not leave out the same */
export function share<T>(items: readonly T[], nth: number, offset = 0): readonly T[] {
  return WHOLE_LISTS ? items : items.filter((_, index) => (index + offset + SEED) % nth === 0);
}
