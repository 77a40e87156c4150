/** What reachability says: a number with the path that attains it, or that nothing is proved, and why. */

/** One stretch of the worst path: a named clock, and how long it runs. */
export interface Leg {
  readonly clock: string;
  readonly ms: number;
}

export interface ProvedBound {
  readonly kind: 'proved';
  /** The longest time from the fault to the decision, ms; Infinity where it may never come. */
  readonly decidedMs: number;
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
