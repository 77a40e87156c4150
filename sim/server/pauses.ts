/**
 * Pauses of the server's process, in part or as a whole. Starved: the threads that read and judge do not run, the one
 * that produces the load does. Stalled: the one event loop does nothing at all. Both may come together, and the process
 * goes on only when both are over; what its kernel told it meanwhile is kept.
 */
import { Suspension } from '../clock/suspend.ts';
import type { Scheduler } from '../clock/types.ts';
import type { Errno } from '../kernel/types.ts';
import type { ReaperThreads } from './reaper-threads.ts';
import type { LoadSource } from './load.ts';

export class Pauses {
  missedErrno: Errno | null = null;
  missedFin = false;
  missedWritable = false;
  readonly #reapers: ReaperThreads;
  readonly #load: LoadSource;
  /** Time limits of the endpoint: they stand still with the event loop. */
  readonly #timers: Suspension;
  #starved = 0;
  #stalled = 0;

  /** @param slots whose timers belong to the event loop, apart from the judges' and the load's */
  constructor(
    scheduler: Scheduler,
    slots: readonly number[],
    judges: ReaperThreads,
    load: LoadSource,
  ) {
    this.#reapers = judges;
    this.#load = load;
    this.#timers = new Suspension(scheduler, slots);
  }

  reset(): void {
    this.missedErrno = null;
    this.missedFin = false;
    this.missedWritable = false;
    this.#starved = 0;
    this.#stalled = 0;
    this.#timers.reset();
  }

  /** The process reads its sockets and judges. */
  get reads(): boolean {
    return this.#starved === 0 && this.#stalled === 0;
  }

  /** The process writes: its event loop runs, if only for the load. */
  get writes(): boolean {
    return this.#stalled === 0;
  }

  starve(): void {
    this.#starved += 1;
    this.#reapers.hold();
  }

  /** Whether anything ended: a process that was not starved cannot be fed. */
  endStarving(): boolean {
    if (this.#starved === 0) return false;
    this.#starved -= 1;
    return true;
  }

  stall(): void {
    this.#stalled += 1;
    this.#reapers.hold();
    if (this.#stalled > 1) return;
    this.#load.stall();
    this.#timers.begin();
  }

  /** Whether the event loop runs again. */
  endStall(): boolean {
    if (this.#stalled === 0) return false;
    this.#stalled -= 1;
    if (this.#stalled > 0) return false;
    this.#timers.endLate();
    return true;
  }
}
