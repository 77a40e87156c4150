/**
 * The rules of the retransmission timer, RFC 6298 §5 as Linux has it, as steps on numbers: how the timeout backs off, how long
 * it may go on, and how TCP_USER_TIMEOUT cuts the last wait short.
 *
 * Source: net/ipv4/tcp_timer.c tcp_retransmit_timer, retransmits_timed_out, tcp_clamp_rto_to_user_timeout.
 */
import { msToJiffies } from './jiffies.ts';
import { timeoutModelMs } from './timeout-model.ts';

/** The timeout after one more expiry (RFC 6298 §5.5). */
export function backedOffJ(rtoJ: number, rtoMaxJ: number): number {
  return Math.min(rtoJ * 2, rtoMaxJ);
}

/**
 * Time since the first retransmission from which an expiry gives the connection up, ms.
 *
 * @param userTimeoutMs TCP_USER_TIMEOUT, which takes the place of the count; 0 = not set
 * @param retries `tcp_retries2`, `tcp_orphan_retries` or a SYN count, which stand for a time
 */
export function givesUpAfterMs(
  userTimeoutMs: number,
  retries: number,
  rtoMaxMs: number,
  modelBaseMs?: number,
): number {
  return userTimeoutMs > 0 ? userTimeoutMs : timeoutModelMs(retries, rtoMaxMs, modelBaseMs);
}

/**
 * The wait after a retransmission: the timeout, or what is left of TCP_USER_TIMEOUT.
 *
 * @param sinceMs since the first retransmission
 * @param userTimeoutMs 0 = not set
 */
export function retransmitDelayJ(
  rtoJ: number,
  userTimeoutMs: number,
  sinceMs: number,
  hz: number,
): number {
  if (userTimeoutMs === 0) return rtoJ;
  const leftMs = userTimeoutMs - sinceMs;
  return leftMs <= 0 ? 1 : Math.min(rtoJ, msToJiffies(leftMs, hz));
}
