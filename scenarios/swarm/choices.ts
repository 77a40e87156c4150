/**
 * Where the swarm's choices come from: a seed, or the tape of a property-based test. What is drawn is the same
 * function of either; nought is the plainest of every choice, so that a tape of noughts is the plainest case.
 */
import type { Draws } from '../../sim/random.ts';
import { Stream } from '../../sim/random.ts';

/** One choice after the other. */
export interface Choices {
  /** A whole number from 0 … bound − 1. */
  below(bound: number): number;
  /** Whether something happens that does in `percent` of 100 cases; on a tape of noughts it does not. */
  chance(percent: number): boolean;
}

/** Choices from a seed's draws, beginning with draw `first`. */
export function drawnChoices(draws: Draws, first: number): Choices {
  let index = first;
  const below = (bound: number): number => {
    index += 1;
    return draws.below(Stream.Swarm, index, bound);
  };
  return { below, chance: (percent) => below(100) < percent };
}

/** Choices from a list of whole numbers, from its beginning; noughts after its end. */
export function tapeChoices(tape: readonly number[]): Choices {
  let index = 0;
  const below = (bound: number): number => {
    const word = tape[index] ?? 0;
    index += 1;
    return word % bound;
  };
  return { below, chance: (percent) => below(100) >= 100 - percent };
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
