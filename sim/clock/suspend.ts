/**
 * Suspension of a process or a machine: none of its timers goes off meanwhile. What they do afterwards depends on whose
 * clock stopped: a process that did not run (SIGSTOP, a stalled event loop) finds its timers overdue, a machine that
 * slept finds them as far away as before (CLOCK_MONOTONIC stops in suspend, clock_gettime(2)).
 */
import { assert } from '../../model/assert.ts';
import type { Scheduler } from './types.ts';

export class Suspension {
  readonly #scheduler: Scheduler;
  readonly #slots: readonly number[];
  readonly #dueUs: Float64Array;
  #sinceUs = NaN;
  #active = false;

  /** @param slots timers that are suspended, in the order in which equal ones run afterwards */
  constructor(scheduler: Scheduler, slots: readonly number[]) {
    this.#scheduler = scheduler;
    this.#slots = slots;
    this.#dueUs = new Float64Array(slots.length);
  }

  /** Whether it is suspended now. */
  get isActive(): boolean {
    return this.#active;
  }

  reset(): void {
    this.#active = false;
  }

  begin(): void {
    assert(!this.#active, 'it is not suspended yet');
    this.#active = true;
    this.#sinceUs = this.#scheduler.nowUs;
    this.#slots.forEach((slot, i) => {
      this.#dueUs[i] = this.#scheduler.dueUs(slot);
      this.#scheduler.disarm(slot);
    });
  }

  /** The clock ran on without it: what is overdue is due now, oldest first. */
  endLate(): void {
    this.#end((dueUs) => Math.max(dueUs, this.#scheduler.nowUs));
  }

  /** The clock stood as well: everything is due as much later as it stood. Returns for how long that was, µs. */
  endShifted(): number {
    const stoodUs = this.#scheduler.nowUs - this.#sinceUs;
    this.#end((dueUs) => dueUs + stoodUs);
    return stoodUs;
  }

  #end(dueNow: (dueUs: number) => number): void {
    assert(this.#active, 'it is suspended');
    this.#active = false;
    const waiting = this.#slots
      .map((slot, i) => ({ slot, dueUs: this.#dueUs[i] as number }))
      .filter(({ dueUs }) => dueUs !== Infinity)
      .toSorted((a, b) => a.dueUs - b.dueUs);
    for (const { slot, dueUs } of waiting) this.#scheduler.arm(slot, dueNow(dueUs));
  }
}
