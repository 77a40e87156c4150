/**
 * One random choice after the other, wherever they come from: a seed, or the tape of a property-based test.
 * Nought is the plainest of every choice, so that a tape of noughts is the plainest case.
 */

/** One choice after the other. */
export interface Choices {
  /** A whole number from 0 … bound − 1. */
  below(bound: number): number;
  /** Whether something happens that does in `percent` of 100 cases; on a tape of noughts it does not. */
  chance(percent: number): boolean;
}

export function oneOf<T>(choices: Choices, among: readonly T[]): T {
  return among[choices.below(among.length)] as T;
}

/** From `least` to `most`, as many in each decade: two figures, so that people can read them. */
export function between(choices: Choices, least: number, most: number): number {
  const exact = least * (most / least) ** (choices.below(1_000) / 999);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1);
  return Math.min(most, Math.max(least, Math.round(exact / digit) * digit));
}
