/**
 * Storms, each played once. What comes of a storm depends on its story, its path, its watch and the draws of its run, and on
 * no policy: a comparison of many policies, or of many phases of one, asks for the same ones over and over.
 */
import type { Draws, SeedWords } from '../random.ts';
import {
  StormPlayer,
  type Standing,
  type Storm,
  type StormEvent,
  type StormStory,
} from './storm.ts';

/** A storm that was played. */
export interface PlayedStorm {
  readonly storm: Readonly<Storm>;
  readonly events: readonly StormEvent[];
}

/** So many are kept: the runs of a few stories. */
const MOST_KEPT = 20_000;

const kept = new Map<string, PlayedStorm>();

/** The storms of one scenario. */
export class Storms {
  readonly #player: StormPlayer;
  readonly #cell: string;
  /** What the player has played last. */
  #last = '';

  constructor(story: StormStory, rttMs: number, watchMs: number) {
    this.#player = new StormPlayer(story, rttMs, watchMs);
    this.#cell = JSON.stringify([story, rttMs, watchMs]);
  }

  /** How many clients each simulated one stands for. */
  get share(): number {
    return this.#player.share;
  }

  /** @param draws those of that run */
  of(seed: SeedWords, run: number, draws: Draws): PlayedStorm {
    const key = this.#keyOf(seed, run);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const played = { storm: this.#player.play(draws), events: [...this.#player.events] };
    this.#last = key;
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, played);
    return played;
  }

  /** How many simulated clients had a session when: one entry for each change. It is long, and not kept. */
  curveOf(seed: SeedWords, run: number, draws: Draws): readonly Standing[] {
    const key = this.#keyOf(seed, run);
    if (this.#last !== key) this.#player.play(draws);
    this.#last = key;
    return this.#player.curve;
  }

  #keyOf({ high, low }: SeedWords, run: number): string {
    return `${high}:${low}:${run} ${this.#cell}`;
  }
}
