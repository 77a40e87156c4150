/** What is stated of a policy on a scenario: B for the four instants of a ghost's end, and T. */

/** A closed form of T, whether it is a theorem or not: a shorter silence of the scenario's kind is survived in every phase. */
export interface ToleranceForm {
  /** Infimum over all phases, ms; null = no length of this silence ends a connection. */
  readonly maxMs: number | null;
  /** The mechanism or kernel rule that ends it first, e.g. `ping reply timer`, `tcp_retries2`. */
  readonly by: string;
  /** In the policy's own field names, e.g. `replyTimeoutMs − rttMs`. */
  readonly formula: string;
  /** One or two sentences that derive it. */
  readonly derivation: string;
}

/** Whether a number is a theorem for the policy and scenario at hand. */
interface Proved {
  readonly proved: boolean;
  /** Why it is not proved; absent where it is. */
  readonly because?: string;
}

/**
 * B for one of the four instants: how long after the fault it comes at the latest, over all phases. Where it is not
 * proved there is no number: `maxMs` is null, which then does not mean unbounded.
 */
export interface Bound extends Proved {
  /** Supremum over all phases, ms; null = unbounded, or not proved. */
  readonly maxMs: number | null;
  /** The mechanism or kernel rule that ends it in the worst case; `not proved` where nothing is stated. */
  readonly by: string;
  /** The clocks that add up to it, or T's closed form; `not proved` where nothing is stated. */
  readonly formula: string;
  /** How it was proved, or why nothing is stated. */
  readonly derivation: string;
}

/**
 * T: every silence of the scenario's kind that is shorter is survived, whatever the phase; at exactly T a peer may be
 * ended. Where it is not proved there is no number: `maxMs` is null, which then does not mean unbounded.
 */
export type Tolerance = Bound;

/** B (four instants, in order) and T of a policy on a scenario. */
export interface Bounds {
  /** The application decides. */
  readonly decided: Bound;
  /** The descriptor is closed. */
  readonly closed: Bound;
  /** The kernel socket leaves ESTABLISHED. */
  readonly kernelClosed: Bound;
  /** The kernel forgets the socket. */
  readonly released: Bound;
  readonly tolerance: Tolerance;
}
