/**
 * T by exploration: a silence begins in every state and ends L later, and all that it held back leaves
 * at its end. Of the instants that a state lasts the last one is the worst: the same is held back, and
 * for longer past every clock that runs. For the same reason a longer silence is never milder, so the
 * longest one that nobody is reaped in is found by halving.
 */
import { exploreHealthy } from './healthy.ts';
import type { IdealWorld, Moment } from './ideal-world.ts';
import type { Trouble } from './packets.ts';
import type { Setting } from './setting.ts';

export interface Survived {
  /** Longest silence, µs; Infinity = no length is taken for death. */
  readonly maxUs: number;
  readonly states: number;
}

/** The worlds in which one silence begins at one instant. */
class Trial {
  readonly #world: IdealWorld;
  readonly #start: Moment;
  readonly #silence: Trouble;
  readonly #beginsUs: number;
  readonly #healthy: ReadonlySet<string>;

  constructor(world: IdealWorld, silence: Trouble, beginsUs: number, healthy: ReadonlySet<string>) {
    this.#world = world;
    this.#start = world.moment();
    this.#silence = silence;
    this.#beginsUs = beginsUs;
    this.#healthy = healthy;
  }

  /** When a silence of this length leads to a reap, µs after its beginning; Infinity = it does not. */
  reapedAfter(lengthUs: number): number {
    const world = this.#world;
    world.recall(this.#start);
    world.trouble(this.#silence, this.#beginsUs, this.#beginsUs + lengthUs);
    const passed = new Set<string>();
    while (world.fate === 'open' && world.nextUs !== Infinity) {
      world.step();
      // What ends needs no watch for going in circles; only what is whole again can be as it was.
      if (lengthUs !== Infinity && !world.healthy) continue;
      const key = world.key();
      if (passed.has(key) || (world.healthy && this.#healthy.has(key))) return Infinity;
      passed.add(key);
    }
    return world.fate === 'reaped' ? world.nowUs - this.#beginsUs : Infinity;
  }
}

/** The longest silence in ticks below `unsafeTicks` that the trial survives. */
function longestSurvived(trial: Trial, unsafeTicks: number, tickUs: number): number {
  let safe = 0;
  let unsafe = unsafeTicks;
  while (unsafe - safe > 1) {
    const middle = Math.floor((safe + unsafe) / 2);
    if (trial.reapedAfter(middle * tickUs) === Infinity) safe = middle;
    else unsafe = middle;
  }
  return safe;
}

/**
 * The longest silence that a living peer survives in every phase.
 *
 * @throws TooManyStates
 */
export function exploreSilence(setting: Setting, silence: Trouble): Survived {
  const { tickUs } = setting;
  const healthy = exploreHealthy(setting, () => undefined);
  const states = healthy.keys.size;
  if (healthy.reaps) return { maxUs: 0, states };
  if (Object.keys(silence).length === 0) return { maxUs: Infinity, states };
  // Timers that stand still judge only when it is over: past a certain length nothing changes.
  const endless = silence.holdsTimers === true ? Math.ceil(setting.longestUs / tickUs) : Infinity;
  let best = endless;
  exploreHealthy(setting, (world, nextUs) => {
    if (nextUs === Infinity || best === 0) return;
    const trial = new Trial(world, silence, nextUs, healthy.keys);
    const reapedUs = trial.reapedAfter(best * tickUs);
    if (reapedUs === Infinity) return;
    // One that lasts beyond the verdict is no different from this one.
    const unsafe = Math.min(best, Math.floor(reapedUs / tickUs) + 1);
    best = longestSurvived(trial, unsafe, tickUs);
  });
  return { maxUs: best === endless ? Infinity : best * tickUs, states };
}
