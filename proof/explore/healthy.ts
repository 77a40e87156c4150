/**
 * Every state that an open, healthy connection can be in, under every phase of the process's timers, of
 * the writes and of the peer's heartbeats against its opening. Equal states are visited once.
 */
import { IdealWorld } from './ideal-world.ts';
import type { Opening } from './ideal-world.ts';
import type { Setting } from './setting.ts';

/** More states than this take minutes, and as many bytes each: then there is no answer. */
export const MOST_STATES = 400_000;

export interface HealthyLives {
  /** Keys of all states, at the instant of the event that leads to each. */
  readonly keys: ReadonlySet<string>;
  /** A healthy peer was reaped: nothing it sends counts as life in time. */
  readonly reaps: boolean;
}

/** An exploration that would be too large says so instead of guessing. */
export class TooManyStates extends Error {
  override readonly name = 'TooManyStates';

  constructor(count: string) {
    super(`${count} states at a tick this fine are more than the ${MOST_STATES} that are explored`);
  }
}

/**
 * Plays healthy lives and calls `visit` in every state, with the instant of the next event: whatever
 * begins from now until then meets the same world. `visit` may do with the world what it likes.
 *
 * @throws TooManyStates
 */
export function exploreHealthy(
  setting: Setting,
  visit: (world: IdealWorld, nextUs: number) => void,
): HealthyLives {
  const { gridPhases, writePhases, beatPhases, tickUs, wayUs } = setting;
  const phases = [gridPhases, writePhases, ...beatPhases];
  const openings = phases.reduce((product, count) => product * count, 1);
  if (openings > MOST_STATES) throw new TooManyStates(`${openings} openings alone`);
  // The client hears of the opening half a round trip after the server.
  const openUs = Math.ceil(wayUs / tickUs) * tickUs;
  const world = new IdealWorld(setting);
  const keys = new Set<string>();
  let reaps = false;
  for (let opening = 0; opening < openings; opening += 1) {
    world.open(openingOf(opening, phases));
    while (world.fate === 'open' && world.nextUs < openUs) world.step();
    world.nowUs = Math.max(world.nowUs, Math.min(openUs, world.nextUs));
    while (world.fate === 'open') {
      const key = world.key();
      if (keys.has(key)) break;
      keys.add(key);
      if (keys.size > MOST_STATES) throw new TooManyStates(`more than ${MOST_STATES}`);
      const moment = world.moment();
      const { nextUs } = world;
      visit(world, nextUs);
      if (nextUs === Infinity) break;
      world.recall(moment);
      world.step();
    }
    reaps ||= world.fate === 'reaped';
  }
  return { keys, reaps };
}

/** The opening of a number: one digit for each thing that has a phase. */
function openingOf(opening: number, phases: readonly number[]): Opening {
  let left = opening;
  const [grid = 0, write = 0, ...beats] = phases.map((count) => {
    const phase = left % count;
    left = Math.floor(left / count);
    return phase;
  });
  return { grid, write, beats };
}
