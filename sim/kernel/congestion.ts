/**
 * Congestion control (RFC 5681): how many segments may be out, true to Linux where a timer depends on it.
 *
 * reno and cubic are one here: slow start and additive increase (RFC 5681). bbr knows no threshold and
 * does not restart after idleness; a sender that never fills its window grows it for the first ten
 * segments delivered and then no more, which decides how many writes into a dead path leave before the
 * window is full, and with that when the first timeout can come.
 * Source: net/ipv4/tcp_output.c tcp_cwnd_validate, tcp_cwnd_restart; tcp_cong.c tcp_slow_start,
 * tcp_cong_avoid_ai; tcp_bbr.c bbr_set_cwnd, bbr_ssthresh.
 */
import { INFINITE_SSTHRESH, INITIAL_CWND } from '../../model/linux/constants.ts';
import { Congestion, type Sock } from './tcp-sock.ts';

/** bbr_cwnd_min_target. */
const BBR_LEAST_CWND = 4;

function isBbr(sk: Sock): boolean {
  return sk.kernel.congestionControl === 'bbr';
}

/** icsk_ca_ops->sndbuf_expand: how many congestion windows a send buffer has room for. */
export function sendBufferWindows(sk: Sock): number {
  return isBbr(sk) ? 3 : 2;
}

/** The threshold after a loss (icsk_ca_ops->ssthresh), and what there is to go back to. */
export function lowerThreshold(sk: Sock): void {
  sk.priorCwnd = sk.cwnd;
  if (!isBbr(sk)) sk.ssthresh = Math.max(sk.cwnd >> 1, 2);
}

/** The window when a recovery begins. */
export function shrinkCwnd(sk: Sock, inFlight: number): void {
  sk.cwnd = isBbr(sk) ? inFlight + 1 : sk.ssthresh;
  sk.cwndCount = 0;
}

/** The window once the loss is repaired (tcp_end_cwnd_reduction, bbr_set_cwnd_to_recover_or_restore). */
export function restoreCwnd(sk: Sock): void {
  if (isBbr(sk)) sk.cwnd = Math.max(sk.cwnd, sk.priorCwnd);
  else if (sk.congestion === Congestion.Recovery) sk.cwnd = Math.max(sk.ssthresh, 2);
}

/** tcp_cwnd_validate: only a sender that fills its window may grow it. */
export function validateCwnd(sk: Sock, limited: boolean): void {
  if (
    sk.sndUna >= sk.maxPacketsSeq ||
    limited ||
    (!sk.cwndLimited && sk.packetsOut > sk.maxPacketsOut)
  ) {
    sk.cwndLimited = limited;
    sk.maxPacketsOut = sk.packetsOut;
    sk.maxPacketsSeq = sk.sndNxt;
  }
}

/** tcp_slow_start_after_idle_check, tcp_cwnd_restart: the window halves for each idle RTO. */
export function restartAfterIdle(sk: Sock): void {
  if (sk.kernel.sysctls.tcp_slow_start_after_idle === 0 || sk.packetsOut > 0 || isBbr(sk)) return;
  let idleJ = sk.kernel.jiffies() - sk.lastSendJ;
  if (idleJ <= sk.rtoJ) return;
  if (sk.ssthresh !== INFINITE_SSTHRESH) {
    sk.ssthresh = Math.max(sk.ssthresh, (sk.cwnd >> 1) + (sk.cwnd >> 2));
  }
  const floor = Math.min(sk.cwnd, INITIAL_CWND);
  let cwnd = sk.cwnd;
  idleJ -= sk.rtoJ;
  while (idleJ > 0 && cwnd > floor) {
    cwnd >>= 1;
    idleJ -= sk.rtoJ;
  }
  sk.cwnd = Math.max(cwnd, floor);
  sk.cwndLimited = false;
}

/** Growth per acknowledged segment. */
export function growCwnd(sk: Sock, ackedSegments: number): void {
  sk.delivered += ackedSegments;
  if (sk.congestion === Congestion.Recovery) return;
  if (isBbr(sk)) {
    if (sk.delivered < INITIAL_CWND || sk.cwndLimited) sk.cwnd += ackedSegments;
    sk.cwnd = Math.max(sk.cwnd, BBR_LEAST_CWND);
  } else {
    growReno(sk, ackedSegments);
  }
}

/** Slow start, then one segment per window (RFC 5681 §3.1). */
function growReno(sk: Sock, ackedSegments: number): void {
  const slowStart = sk.cwnd < sk.ssthresh;
  if (!sk.cwndLimited && !(slowStart && sk.cwnd < 2 * sk.maxPacketsOut)) return;
  let left = ackedSegments;
  if (slowStart) {
    const grown = Math.min(sk.cwnd + left, sk.ssthresh);
    left -= grown - sk.cwnd;
    sk.cwnd = grown;
  }
  if (left <= 0) return;
  sk.cwndCount += left;
  if (sk.cwndCount >= sk.cwnd) {
    const steps = Math.floor(sk.cwndCount / sk.cwnd);
    sk.cwndCount -= steps * sk.cwnd;
    sk.cwnd += steps;
  }
}
