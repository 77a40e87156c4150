/** Virtual time as everything below the edge sees it: integer microseconds, never backwards. */

/**
 * An event queue of numbered slots. A slot is made once and re-armed for ever; at most one due time
 * per slot. Equal due times run in the order in which they were armed.
 */
export interface Scheduler {
  readonly nowUs: number;
  /** Makes a slot; call only while building a world. */
  slot(handler: () => void): number;
  /** Sets or moves the slot's due time; `dueUs` must not lie in the past. */
  arm(slot: number, dueUs: number): void;
  disarm(slot: number): void;
  /** Due time of the slot, Infinity when it is not armed. */
  dueUs(slot: number): number;
  /** Runs everything due at or before `untilUs`, then stands at `untilUs`. */
  run(untilUs: number): void;
  /** Forgets all due times and stands at `nowUs` again: the same world, a new run. */
  reset(nowUs: number): void;
}
