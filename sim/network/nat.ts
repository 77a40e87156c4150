/**
 * A middlebox that keeps a table of flows and forgets the ones that were quiet for too long. It tells
 * nobody: what comes after is dropped in silence (a NAT gateway, a stateful firewall, a balancer).
 */
import type { Scheduler } from '../clock/types.ts';

export class Nat {
  /** Whether the flow is gone from the table. */
  forgotten = false;
  readonly #scheduler: Scheduler;
  readonly #idleUs: number;
  readonly #onForget: () => void;
  readonly #slot: number;
  #lastPacketUs = NaN;

  /**
   * @param idleMs quiet time after which the flow is forgotten
   * @param onForget called at that instant
   */
  constructor(scheduler: Scheduler, idleMs: number, onForget: () => void) {
    this.#scheduler = scheduler;
    this.#idleUs = idleMs * 1000;
    this.#onForget = onForget;
    this.#slot = scheduler.slot(() => this.#look());
  }

  reset(): void {
    this.forgotten = false;
    this.#lastPacketUs = this.#scheduler.nowUs;
    this.#scheduler.arm(this.#slot, this.#lastPacketUs + this.#idleUs);
  }

  /** A packet comes by, in either direction; false = it is dropped. */
  pass(): boolean {
    this.#lastPacketUs = this.#scheduler.nowUs;
    return !this.forgotten;
  }

  /** One look per idle time: the entry's age decides, and the next look is when it could expire. */
  #look(): void {
    const expiryUs = this.#lastPacketUs + this.#idleUs;
    if (expiryUs > this.#scheduler.nowUs) {
      this.#scheduler.arm(this.#slot, expiryUs);
      return;
    }
    this.forgotten = true;
    this.#onForget();
  }
}
