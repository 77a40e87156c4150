/** What is stated of a policy on a scenario: B for the four instants of a ghost's end, and T. */

/** A closed form of B for one of the four instants, whether it is a theorem or not. */
export interface Form {
  /** Supremum over all phases, ms; null = unbounded. */
  readonly maxMs: number | null;
  /** Infimum over all phases of a fault that comes one to two periods after the opening, ms; null = never happens. */
  readonly minMs: number | null;
  /** The mechanism or kernel rule that ends it in the worst case, e.g. `ping reply timer`, `tcp_retries2`. */
  readonly by: string;
  /** The closed form in the policy's own field names, e.g. `intervalMs + replyTimeoutMs`. */
  readonly formula: string;
  /** One or two sentences that derive it. */
  readonly derivation: string;
}

/** A closed form of T: a shorter silence of the scenario's kind is survived in every phase. */
export type ToleranceForm = Omit<Form, 'minMs'>;

/** The closed forms of B (four instants, in order) and T. */
export interface Forms {
  readonly decided: Form;
  readonly closed: Form;
  readonly kernelClosed: Form;
  readonly released: Form;
  readonly tolerance: ToleranceForm;
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
  /** The closed form in the policy's own field names; `not proved` where nothing is stated. */
  readonly formula: string;
  /** One or two sentences that derive it, or say why nothing is stated. */
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
