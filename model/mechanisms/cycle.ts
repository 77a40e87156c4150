/**
 * One thing that repeats on a healthy connection, and whose clock it runs by.
 * From all of them together follows over which instants a story has to be told (model/rhythm).
 */

/**
 * Whose clock a cycle runs by. Cycles of one clock keep their distance for ever, so only their least common
 * multiple shows all that they can be to each other; those of different clocks stand at a distance of its own
 * in every life.
 */
export type Clock =
  /** Counted from the opening of the connection. */
  | 'connection'
  /** A timer of the server's process, which ran before the connection came. */
  | 'process'
  /** The application's messages. */
  | 'load'
  /** The peer's own timers. */
  | 'peer';

/** One thing that repeats. */
export interface Cycle {
  readonly everyMs: number;
  readonly clock: Clock;
  /** What it is, for people. */
  readonly what: string;
  /** Whether it puts packets on the wire. */
  readonly speaks: boolean;
  /** It comes only after so long without a packet: whatever is sent more often puts it off for ever. */
  readonly afterQuietMs?: number;
}
