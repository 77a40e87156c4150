/**
 * Proportional rate reduction (RFC 6937, RFC 9937) as a step on numbers: in fast recovery a sender sends about as many segments as
 * the threshold allows of those that arrive, instead of waiting for half a window.
 * Source: net/ipv4/tcp_input.c tcp_cwnd_reduction.
 */

/** What the reduction counts: since it began, and with this acknowledgement. */
export interface RateReduction {
  readonly ssthresh: number;
  /** Window when it began. */
  readonly priorCwnd: number;
  /** Delivered and sent since, segments. */
  readonly prrDelivered: number;
  readonly prrOut: number;
}

/**
 * How many segments may leave now: the window is to be what is in flight and these.
 *
 * @param delivered newly delivered, already in `prrDelivered`
 * @param goesWell the acknowledgement moves on and marks nothing lost
 */
export function reducedQuota(
  state: RateReduction,
  inFlight: number,
  delivered: number,
  goesWell: boolean,
): number {
  const room = state.ssthresh - inFlight;
  const forced = state.prrOut === 0 ? 1 : 0;
  if (room < 0) {
    const share = Math.floor(
      (state.ssthresh * state.prrDelivered + state.priorCwnd - 1) / state.priorCwnd,
    );
    return Math.max(share - state.prrOut, forced);
  }
  const owed = Math.max(state.prrDelivered - state.prrOut, delivered) + (goesWell ? 1 : 0);
  return Math.max(Math.min(room, owed), forced);
}
