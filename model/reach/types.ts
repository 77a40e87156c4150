/** What reachability says: a number with the path that attains it, or that nothing is proved, and why. */

/** One stretch of the worst path: a named clock, and how long it runs. */
export interface Leg {
  readonly clock: string;
  readonly ms: number;
}

/** How a run that attains a bound begins: how far away each clock is at the fault, or when the silence begins, µs. */
export interface Start {
  /** Clocks of the mechanisms; `isShared`: one timer of the process ticks for all connections. */
  readonly clocks: readonly {
    readonly isShared: boolean;
    /** It has not run out before: it was started at the opening. */
    readonly isFirst: boolean;
    /** How long it runs, where that is the same each time. */
    readonly runsUs: number;
    /** What runs out before it is started for the first time, where its mechanism has such a clock. */
    readonly afterUs: number;
    /** Rhythm of the grid that it stands on; 0 = it stands on none. */
    readonly everyUs: number;
    readonly leftUs: number;
  }[];
  /** Until the server's next message; null where it sends none. */
  readonly loadLeftUs: number | null;
  /** Until what the peer sends of its own arrives. */
  readonly beats: readonly {
    readonly name: string;
    readonly everyUs: number;
    readonly leftUs: number;
  }[];
  /** Instants after the fault at which a bucket of the server's timer wheel, so many jiffies wide, begins. */
  readonly borders: readonly { readonly atUs: number; readonly widthJ: number }[];
  /** Clocks of the path that the exploration knows only within limits, and how far these are apart in all. */
  readonly loose: readonly Leg[];
}

/** A later instant of a ghost's end: at the latest so long after the fault, or why nothing is proved of it. */
export type Later =
  { readonly kind: 'proved'; readonly ms: number; readonly by: string } | NotProved;

export interface ProvedBound {
  readonly kind: 'proved';
  /** The longest time from the fault to the decision, ms; Infinity where it may never come. */
  readonly decidedMs: number;
  /** The descriptor is closed, and with it the kernel's socket has left ESTABLISHED. */
  readonly closed: Later;
  /** The kernel forgets the socket. */
  readonly released: Later;
  /** What ends the connection on the worst path. */
  readonly by: string;
  /** The policy's own traffic keeps the fault from happening. */
  readonly prevented: boolean;
  /** The worst path: its clocks add up to the bound. */
  readonly path: readonly Leg[];
  /** Steps that were explored. */
  readonly work: number;
  /** A run that attains it, where one was asked for and can be told. */
  readonly start: Start | null;
}

export interface NotProved {
  readonly kind: 'not-proved';
  readonly because: string;
}

export type ReachBound = ProvedBound | NotProved;

/** T, and the shortest story that ends a living connection. */
export interface ProvedTolerance {
  readonly kind: 'proved';
  /** Every shorter silence is survived, ms; Infinity where no length ends anything. 0: not even none at all is survived by all. */
  readonly ms: number;
  /** What ends the connection in it. */
  readonly by: string;
  /** From the beginning of the silence to the end, as named clocks. */
  readonly path: readonly Leg[];
  readonly work: number;
  /** A run in which it does, where one was asked for and can be told. */
  readonly start: Start | null;
}

export interface NotProvedTolerance {
  readonly kind: 'not-proved';
  readonly because: string;
  /** So much was proved before the exploration could not go on, ms: shorter silences are survived. */
  readonly atLeastMs: number;
}

export type ReachTolerance = ProvedTolerance | NotProvedTolerance;
