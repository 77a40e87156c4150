/** A limit of a proxy on silence: so long without a byte from one side, or from both. */
import type { Scheduler } from '../clock/types.ts';

/** The side of a proxy that a socket belongs to. */
export type Side = 'client' | 'server';

/** So long without a byte from the sides that it listens to. */
export class Limit {
  readonly #scheduler: Scheduler;
  readonly #slot: number;
  readonly #lengthUs: number;
  readonly #sides: readonly Side[];
  readonly #expire: () => void;
  #heardAtUs = 0;

  constructor(
    scheduler: Scheduler,
    by: string,
    lengthMs: number | null,
    sides: readonly Side[],
    expire: (by: string) => void,
  ) {
    this.#scheduler = scheduler;
    this.#lengthUs = lengthMs === null ? Infinity : lengthMs * 1000;
    this.#sides = sides;
    this.#expire = () => expire(by);
    this.#slot = scheduler.slot(() => this.look());
  }

  /** Whether it is over: now, or at the instant at which the timer goes off next. */
  look(): void {
    if (this.#lengthUs === Infinity) return;
    const dueUs = this.#heardAtUs + this.#lengthUs;
    if (this.#scheduler.nowUs < dueUs) this.#scheduler.arm(this.#slot, dueUs);
    else this.#expire();
  }

  start(): void {
    if (this.#lengthUs === Infinity) return;
    this.#heardAtUs = this.#scheduler.nowUs;
    this.#scheduler.arm(this.#slot, this.#heardAtUs + this.#lengthUs);
  }

  /** The timer is left where it is, and looks when it goes off. */
  heard(side: Side): void {
    if (this.#sides.includes(side)) this.#heardAtUs = this.#scheduler.nowUs;
  }

  stop(): void {
    this.#scheduler.disarm(this.#slot);
  }
}
