/**
 * The time model of `tcp_retries2` and its like (tcp_model_timeout): they are no counts, but turned into a time.
 * Source: net/ipv4/tcp_timer.c, tcp_model_timeout, retransmits_timed_out.
 */

/** Always 200 ms here: neither the socket's RTO nor `tcp_rto_min_us` (TCP_RTO_MIN in tcp_timer.c). */
const MODEL_BASE_MS = 200;

/** SYN states model from one second (TCP_TIMEOUT_INIT). */
export const SYN_MODEL_BASE_MS = 1000;

/**
 * How long retransmission may go on for a boundary of `retries`, in milliseconds, counted from the
 * first retransmission. A lower bound: death comes at the first expiry past it.
 *
 * @param retries `tcp_retries2`, `tcp_orphan_retries` or a SYN count, 0…255
 * @param rtoMaxMs the socket's largest RTO, 120 000 unless `tcp_rto_max_ms` says otherwise
 * @example
 * timeoutModelMs(15, 120_000) // => 924600
 */
export function timeoutModelMs(retries: number, rtoMaxMs: number, baseMs = MODEL_BASE_MS): number {
  const doublings = Math.floor(Math.log2(Math.floor(rtoMaxMs / baseMs)));
  if (retries <= doublings) return (2 ** (retries + 1) - 1) * baseMs;
  return (2 ** (doublings + 1) - 1) * baseMs + (retries - doublings) * rtoMaxMs;
}
