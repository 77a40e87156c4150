/** What reachability says: a number with the path that attains it, or that nothing is proved, and why. */

/** One stretch of the worst path: a named clock, and how long it runs. */
export interface Leg {
  readonly clock: string;
  readonly ms: number;
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
}

export interface NotProvedTolerance {
  readonly kind: 'not-proved';
  readonly because: string;
  /** So much was proved before the exploration could not go on, ms: shorter silences are survived. */
  readonly atLeastMs: number;
}

export type ReachTolerance = ProvedTolerance | NotProvedTolerance;
