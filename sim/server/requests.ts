/**
 * Requests on a pooled connection: somebody borrows it, the policy may have it tested first, then the query goes out and
 * its answer is awaited. Answers come in the order of the requests, one at a time here.
 */
import { assert } from '../../model/assert.ts';
import type { StateWalk } from '../clock/state-walk.ts';

export interface RequestHost {
  /** The policy hears that somebody wants the connection; it may ask for a test before this returns. */
  borrowed(): void;
  /** Whether a query can still be sent. */
  canAsk(): boolean;
  sendTestQuery(): void;
  sendQuery(bytes: number): void;
  /** The policy hears of the answer. */
  replied(): void;
}

export class Requests {
  readonly #host: RequestHost;
  #testing = false;
  /** Length of the query that waits for the test; 0 = none does. */
  #waitingBytes = 0;

  constructor(host: RequestHost) {
    this.#host = host;
  }

  reset(): void {
    this.#testing = false;
    this.#waitingBytes = 0;
  }

  walk(state: StateWalk): void {
    state.none(Number(this.#testing) + this.#waitingBytes);
  }

  /** Somebody takes the connection for a query of `bytes`. */
  borrow(bytes: number): void {
    assert(bytes > 0, 'a query has a length');
    this.#waitingBytes = bytes;
    this.#host.borrowed();
    if (!this.#testing) this.#ask();
  }

  /** The policy wants the connection tested. */
  test(): void {
    this.#testing = true;
    this.#host.sendTestQuery();
  }

  /** The answer to the test, or to the query, was read; returns whether it was the query's. */
  answered(): boolean {
    this.#host.replied();
    if (!this.#testing) return true;
    this.#testing = false;
    this.#ask();
    return false;
  }

  #ask(): void {
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    if (bytes > 0 && this.#host.canAsk()) this.#host.sendQuery(bytes);
  }
}
