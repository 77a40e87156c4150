/**
 * Virtual time as everything below the edge sees it: integer microseconds, never backwards.
 *
 * After 36 minutes they no longer fit 32 bits. Fields that hold them therefore begin as NaN and not
 * as 0: V8 takes a field that begins with a small integer for one, and when the first large number
 * arrives it throws away all code compiled for the object.
 */
import type { StateWalk } from './state-walk.ts';

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
  /** The slot keeps its place in the queue, but its handler will not be called. */
  mute(slot: number): void;
  /** A muted slot whose place has not passed will call its handler there after all. */
  unmute(slot: number): void;
  /** Whether the slot, muted or not, still has a place ahead in the queue. */
  isPending(slot: number): boolean;
  /** When the slot's handler will be called, Infinity when it will not. */
  dueUs(slot: number): number;
  /** The next instant at which any handler but the slot's is called, Infinity when there is none. */
  nextDueUs(exceptSlot: number): number;
  /** Runs everything due at or before `untilUs`, then stands at `untilUs`. */
  run(untilUs: number): void;
  /** Whether any slot that is muted still has a place ahead. */
  readonly isMuted: boolean;
  /** Tells of every due time of a slot that is not muted, in order. */
  walk(state: StateWalk): void;
  /** Stands at `nowUs`, which lies ahead, and plays nothing: what is due has been moved there by a walk. */
  moveOn(nowUs: number): void;
  /** Forgets all due times and stands at `nowUs` again: the same world, a new run. */
  reset(nowUs: number): void;
}
