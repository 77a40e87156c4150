/**
 * Where the swarm's choices come from: a seed, or the tape of a property-based test. What is drawn is the same
 * function of either; nought is the plainest of every choice, so that a tape of noughts is the plainest case.
 */
import type { Choices } from '../../model/faults/choices.ts';
import type { Draws } from '../../sim/random.ts';
import { Stream } from '../../sim/random.ts';

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
