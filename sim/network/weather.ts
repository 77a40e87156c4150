/**
 * What a path does to single packets: it delays each by a little more or less, and loses some. Drawn per
 * packet, one stream for each purpose and direction, in the order in which packets are sent: what happens
 * to one packet never changes what happens to another.
 *
 * Losses begin when `storm` says so: a connection that cannot even be opened is another story.
 */
import type { Path } from '../../model/scenario/types.ts';
import type { Draws, StreamCode } from '../random.ts';

/** Losses are drawn out of this many: percentages keep four decimals. */
const PARTS = 1_000_000;

/** The streams of one direction. */
export interface WeatherStreams {
  readonly jitter: StreamCode;
  readonly loss: StreamCode;
}

/** The weather of one direction of a path. */
export class Weather {
  readonly #draws: Draws;
  readonly #streams: WeatherStreams;
  readonly #jitterUs: number;
  readonly #lostParts: number;
  #packet = 0;
  #stormy = false;

  constructor(draws: Draws, path: Path, streams: WeatherStreams) {
    this.#draws = draws;
    this.#streams = streams;
    this.#jitterUs = Math.round((path.jitterMs ?? 0) * 1000);
    this.#lostParts = Math.round(((path.lossPercent ?? 0) / 100) * PARTS);
  }

  reset(): void {
    this.#packet = 0;
    this.#stormy = false;
  }

  /** From now on packets are lost. */
  storm(): void {
    this.#stormy = true;
  }

  /** How much longer the next packet takes, µs; −1 = it is lost. */
  next(): number {
    const index = this.#packet;
    this.#packet += 1;
    const { jitter, loss } = this.#streams;
    if (this.#stormy && this.#lostParts > 0) {
      if (this.#draws.below(loss, index, PARTS) < this.#lostParts) return -1;
    }
    return this.#jitterUs === 0 ? 0 : this.#draws.below(jitter, index, this.#jitterUs + 1);
  }
}

/** Whether a path has any weather at all. */
export function hasWeather({ jitterMs = 0, lossPercent = 0 }: Path): boolean {
  return jitterMs > 0 || lossPercent > 0;
}
