/**
 * A walk over every number of a world that can differ between two instants. A part tells each of its numbers by what it does in a
 * cycle that only repeats, and keeps what it is given back: so the same few lines compare a world with itself a cycle
 * earlier, and move it on by many cycles at once (sim/world/steady-cycle.ts).
 *
 * A number of which a part does not tell must not be read in such a cycle, or follow from those it tells.
 */
import type { RowWalk } from '../../model/reaper/index.ts';

/** What instants and offsets are counted in. */
export const Unit = {
  Us: 0,
  Jiffies: 1,
  Ms: 2,
  /** Bytes of the stream from the server to the client, and the other way. */
  ToClient: 3,
  ToServer: 4,
} as const;
export type UnitCode = (typeof Unit)[keyof typeof Unit];

export interface StateWalk extends RowWalk {
  /** Whether it is what it was; it need not be. */
  isSame(value: number): boolean;
  /** Must be 0, or nothing is quiet. */
  none(value: number): void;
  /**
   * Moves on with its unit; or is not set yet, and stays so.
   *
   * @param mayStand may also stay where it is: nobody reads it in a cycle that does not move it
   */
  moves(unit: UnitCode, value: number, mayStand?: boolean): number;
  /** Whether no byte of the stream goes in the cycle; once one of its offsets has been told. */
  stands(stream: UnitCode): boolean;
  /**
   * Written anew in a cycle in which it changes, whatever it was: what it was is not read before, or only found to be another one.
   *
   * @param mayStand may also stay where it is
   */
  rewritten(unit: UnitCode, value: number, mayStand: boolean): number;
  /** Moves on, or stays behind for good: only ever compared with what is beyond it, or told. */
  passed(unit: UnitCode, value: number): number;
  /** Moves on, or stays ahead of `now`: something else happens once it is reached. */
  ahead(unit: UnitCode, value: number, now: number): number;
  /** Only adds up, by as much in every cycle. */
  counts(value: number): number;
  /** Timers have run whose instants are multiples of so many jiffies. */
  wheel(widthJiffies: number): void;
}
