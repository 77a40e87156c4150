/**
 * Whether what was sent again need not have been: the Eifel rule (RFC 3522 §3) and F-RTO (RFC 5682 §3.1) as steps on numbers.
 *
 * The peer echoes the timestamp of what it answers (RFC 7323 §4). An echo older than the first retransmission answers the
 * original, so the timeout was spurious: the round trip has become longer than it, and nothing was lost. Linux then takes back its
 * congestion response, and not the stamp from which it counts `tcp_retries2` and TCP_USER_TIMEOUT (sim/kernel/undo.ts says why
 * that shortens the life of a connection).
 * Source: net/ipv4/tcp_input.c tcp_packet_delayed, tcp_tsopt_ecr_before, tcp_process_loss.
 */

/** No timestamp, no stamp. */
const NEVER = -1;

/** tcp_tsopt_ecr_before: an echo, and one of before that instant. */
export function echoesBefore(echoMs: number, stampMs: number): boolean {
  return echoMs !== NEVER && echoMs < stampMs;
}

/**
 * tcp_packet_delayed: what was acknowledged had only been delayed. Without a stamp nothing has been retransmitted yet, unless
 * there is no SACK and the loss window is acknowledged, for then the stamp has been cleared (tcp_is_non_sack_preventing_reopen).
 */
export function wasDelayed(
  echoMs: number,
  retransStampMs: number,
  sack: boolean,
  lossWindowAcked: boolean,
): boolean {
  if (retransStampMs !== NEVER) return echoesBefore(echoMs, retransStampMs);
  return sack || !lossWindowAcked;
}

/** What F-RTO makes of an acknowledgement in the loss state. */
export const FrtoStep = {
  /** Step 3.b: what was sent once has arrived, so the timeout was spurious. */
  Spurious: 0,
  /** Step 2.b: send what was never sent, and see. */
  SendNew: 1,
  /** Steps 2.a and 3.a: the loss was real. */
  Lost: 2,
  /** No step applies to this acknowledgement. */
  Undecided: 3,
} as const;
export type FrtoStepCode = (typeof FrtoStep)[keyof typeof FrtoStep];

/**
 * tcp_process_loss, while F-RTO is under way (RFC 5682 §3.1, with SACK).
 *
 * @param originalArrived what was never retransmitted has been acknowledged, in order or not
 * @param duplicate a selective or a duplicate acknowledgement
 * @param advanced the acknowledgement takes something off the queue, and not the whole loss window
 * @param mayGrow there is new data, and room for it in the peer's window
 */
export function frtoStep(
  originalArrived: boolean,
  sentBeyondLoss: boolean,
  duplicate: boolean,
  advanced: boolean,
  mayGrow: boolean,
): FrtoStepCode {
  if (originalArrived) return FrtoStep.Spurious;
  if (sentBeyondLoss) return duplicate ? FrtoStep.Lost : FrtoStep.Undecided;
  if (!advanced) return FrtoStep.Undecided;
  return mayGrow ? FrtoStep.SendNew : FrtoStep.Lost;
}
