/**
 * A part of many cases that are alike: every so many of them, and at least one; another part with each seed, so that commits together try
 * all; more of them, or all, where more is asked for.
 */
import { oneIn } from './effort.ts';
import { SEED } from './seed.ts';

/** @param offset shifts which part it is, so that lists that are walked together do not leave out the same */
export function share<T>(items: readonly T[], nth: number, offset = 0): readonly T[] {
  const every = oneIn(nth);
  const part = items.filter((_, index) => (index + offset + SEED) % every === 0);
  return part.length > 0
    ? part
    : items.filter((_, index) => index === (offset + SEED) % items.length);
}
