/** Times that a reaper meets and does not keep: for histograms, of whoever listens. */

import { LifeBit } from '../../model/reaper/types.ts';
import type { Hooks } from '../safety/hooks.ts';

/**
 * `ping-round-trip`: from the oldest ping that is out to its pong. `loop-lag`: how late the reaper's timer was, and how long a poll phase
 * took that listeners blocked. `state-sync`: from the oldest message that was told by `messageSent` to the next `acknowledged`.
 */
export type MeasuredTime = 'ping-round-trip' | 'loop-lag' | 'state-sync';

/** When the oldest ping that is out was sent, and the oldest message that was told of; 0 = none is. */
export interface Timed {
  pingedUs: number;
  sentUs: number;
}

export type TimeListener = (what: MeasuredTime, ms: number) => unknown;

export class Times {
  readonly #listeners = new Set<TimeListener>();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  tell(what: MeasuredTime, us: number): void {
    for (const listener of this.#listeners) this.#hooks.run(() => listener(what, us / 1000));
  }

  /** Something was read: an answer to what is out ends its time. */
  received(timed: Timed, lifeBits: number, atUs: number): void {
    if ((lifeBits & LifeBit.Pong) !== 0 && timed.pingedUs > 0) {
      this.tell('ping-round-trip', atUs - timed.pingedUs);
      timed.pingedUs = 0;
    }
    if ((lifeBits & LifeBit.ApplicationAck) !== 0 && timed.sentUs > 0) {
      this.tell('state-sync', atUs - timed.sentUs);
      timed.sentUs = 0;
    }
  }

  observe(listener: TimeListener): () => void {
    const own: TimeListener = (what, ms) => listener(what, ms);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }
}
