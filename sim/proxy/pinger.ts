/**
 * HTTP/2 pings of a proxy on its connection to one side (RFC 9113 §6.7; Envoy's connection_keepalive): one is sent so long after the answer to the one before, and
 * where nothing at all comes for so long after it, both connections are closed.
 */
import type { ProxyPing } from '../../model/scenario/types.ts';
import type { Scheduler } from '../clock/types.ts';

export class Pinger {
  readonly #scheduler: Scheduler;
  readonly #slot: number;
  readonly #ping: ProxyPing | undefined;
  readonly #send: () => void;
  readonly #expire: () => void;
  #dueUs = Infinity;
  #isAwaited = false;

  /** @param ping undefined = it never asks */
  constructor(
    scheduler: Scheduler,
    ping: ProxyPing | undefined,
    send: () => void,
    expire: () => void,
  ) {
    this.#scheduler = scheduler;
    this.#ping = ping;
    this.#send = send;
    this.#expire = expire;
    this.#slot = scheduler.slot(() => this.look());
  }

  /** The connection is open. */
  start(): void {
    this.#isAwaited = false;
    if (this.#ping !== undefined) this.#dueIn(this.#ping.intervalMs);
  }

  stop(): void {
    this.#dueUs = Infinity;
    this.hold();
  }

  /** The process does not run. */
  hold(): void {
    this.#scheduler.disarm(this.#slot);
  }

  /** The timer goes off, or the process runs again. */
  look(): void {
    if (this.#ping === undefined || this.#dueUs === Infinity) return;
    if (this.#scheduler.nowUs < this.#dueUs) {
      this.#scheduler.arm(this.#slot, this.#dueUs);
    } else if (this.#isAwaited) {
      this.#expire();
    } else {
      this.#isAwaited = true;
      this.#awaitAnswer();
      this.#send();
    }
  }

  /** Something came from that side: who speaks, lives. */
  heard(): void {
    if (this.#isAwaited) this.#awaitAnswer();
  }

  /** The answer is there. */
  answered(): void {
    if (!this.#isAwaited || this.#ping === undefined) return;
    this.#isAwaited = false;
    this.#dueIn(this.#ping.intervalMs);
  }

  /** So long from now on, or for ever. */
  #awaitAnswer(): void {
    const timeoutMs = this.#ping?.timeoutMs ?? null;
    if (timeoutMs === null) this.stop();
    else this.#dueIn(timeoutMs);
  }

  #dueIn(ms: number): void {
    this.#dueUs = this.#scheduler.nowUs + ms * 1000;
    this.#scheduler.arm(this.#slot, this.#dueUs);
  }
}
