/**
 * A limit of a proxy on a blocked write: what one side does not take waits, and nothing of it moves for so long (nginx's send_timeout: between two
 * successive writes).
 */
import type { Scheduler } from '../clock/types.ts';
import type { Relay } from './relay.ts';

export class WriteLimit {
  readonly #scheduler: Scheduler;
  readonly #relay: Relay;
  readonly #slot: number;
  readonly #lengthUs: number;
  #movedBytes = 0;
  #isBlocked = false;

  /** @param lengthMs undefined = it waits for ever */
  constructor(
    scheduler: Scheduler,
    relay: Relay,
    lengthMs: number | undefined,
    expire: () => void,
  ) {
    this.#scheduler = scheduler;
    this.#relay = relay;
    this.#lengthUs = lengthMs === undefined ? Infinity : lengthMs * 1000;
    this.#slot = scheduler.slot(expire);
  }

  /** Something may have moved. */
  look(): void {
    if (this.#lengthUs === Infinity) return;
    const { heldBytes, movedBytes } = this.#relay;
    if (heldBytes === 0) {
      this.stop();
      return;
    }
    if (this.#isBlocked && movedBytes === this.#movedBytes) return;
    this.#isBlocked = true;
    this.#movedBytes = movedBytes;
    this.#scheduler.arm(this.#slot, this.#scheduler.nowUs + this.#lengthUs);
  }

  stop(): void {
    this.#isBlocked = false;
    this.#scheduler.disarm(this.#slot);
  }
}
