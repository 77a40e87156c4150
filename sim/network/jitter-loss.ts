/**
 * Jitter and packet loss of one direction of a path. Drawn per packet, one stream for each purpose and direction, in
 * the order in which packets are sent: what happens to one packet never changes what happens to another.
 *
 * Losses begin with `beginLosses`, once the connection is open: one that cannot be opened is another scenario.
 */
import type { Path } from '../../model/scenario/types.ts';
import type { Draws, StreamCode } from '../random.ts';

/** What single packets may meet on a path. */
type Unevenness = Partial<Path>;

/** Losses are drawn out of this many: percentages keep four decimals. */
const PARTS = 1_000_000;

/** The random streams of one direction. */
export interface JitterLossStreams {
  readonly jitter: StreamCode;
  readonly loss: StreamCode;
  /** Where several links share them: this one has every so many-th number, from `first` on. */
  readonly every?: number;
  readonly first?: number;
}

export class JitterLoss {
  readonly #draws: Draws;
  readonly #streams: JitterLossStreams;
  readonly #jitterUs: number;
  readonly #lostParts: number;
  #packet = 0;
  #loses = false;

  constructor(draws: Draws, path: Unevenness, streams: JitterLossStreams) {
    this.#draws = draws;
    this.#streams = streams;
    this.#jitterUs = Math.round((path.jitterMs ?? 0) * 1000);
    this.#lostParts = Math.round(((path.lossPercent ?? 0) / 100) * PARTS);
  }

  reset(): void {
    this.#packet = 0;
    this.#loses = false;
  }

  /** From now on packets are lost. */
  beginLosses(): void {
    this.#loses = true;
  }

  /** How much longer the next packet takes, µs; −1 = it is lost. */
  next(): number {
    const { jitter, loss, every = 1, first = 0 } = this.#streams;
    const index = this.#packet * every + first;
    this.#packet += 1;
    if (this.#loses && this.#lostParts > 0) {
      if (this.#draws.below(loss, index, PARTS) < this.#lostParts) return -1;
    }
    return this.#jitterUs === 0 ? 0 : this.#draws.below(jitter, index, this.#jitterUs + 1);
  }
}

/** Whether a path has jitter or loss. */
export function hasJitterOrLoss({ jitterMs = 0, lossPercent = 0 }: Unevenness): boolean {
  return jitterMs > 0 || lossPercent > 0;
}
