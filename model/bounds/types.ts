/** The two numbers a policy is judged by, with the reason for each. */

/** B for one of the four instants: how long after the fault it comes at the latest, over all phases. */
export interface Bound {
  /** Supremum over all phases, ms; null = unbounded. */
  readonly maxMs: number | null;
  /** Infimum over all phases, ms; null = never happens. */
  readonly minMs: number | null;
  /** The mechanism or kernel rule that ends it in the worst case, e.g. `ping reply timer`, `tcp_retries2`. */
  readonly by: string;
  /** The closed form in the policy's own field names, e.g. `intervalMs + replyTimeoutMs`. */
  readonly formula: string;
  /** One or two sentences that derive it. */
  readonly derivation: string;
}

/** T: the longest silence of the scenario's kind that no phase turns into a reap. */
export interface Tolerance {
  /** ms; null = unbounded. */
  readonly maxMs: number | null;
  readonly by: string;
  readonly formula: string;
  readonly derivation: string;
}

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
