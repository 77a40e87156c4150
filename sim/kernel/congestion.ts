/**
 * Congestion control (RFC 5681): how many segments may be out, true to Linux where a timer depends on it.
 *
 * reno and cubic are one here: slow start and additive increase (RFC 5681), and in fast recovery the proportional rate reduction of
 * model/linux/rate-reduction.ts. bbr knows no threshold and does not restart after idleness; a sender that never fills its window
 * grows it for the first ten segments delivered and then no more, which decides how many writes into a dead path leave before the
 * window is full, and with that when the first timeout can come.
 * Source: net/ipv4/tcp_output.c tcp_cwnd_validate, tcp_cwnd_application_limited, tcp_cwnd_restart; tcp_input.c tcp_cwnd_reduction;
 * tcp_cong.c tcp_slow_start, tcp_cong_avoid_ai; tcp_bbr.c bbr_set_cwnd, bbr_ssthresh.
 */
import { INFINITE_SSTHRESH, INITIAL_CWND } from '../../model/linux/constants.ts';
import { Chrono, startChrono } from './chrono.ts';
import { reducedQuota } from '../../model/linux/rate-reduction.ts';
import { inFlight } from './send-sequence.ts';
import { AckFlag, Congestion, NEVER, type Sock } from './tcp-sock.ts';

/** bbr_cwnd_min_target. */
const BBR_LEAST_CWND = 4;

/** What cubic keeps of its window after a loss, in 1024ths (RFC 9438 §4.6; beta of tcp_cubic.c); reno keeps a half. */
const CUBIC_BETA = 717;

function isCubic(sk: Sock): boolean {
  return sk.kernel.congestionControl === 'cubic';
}

function isBbr(sk: Sock): boolean {
  return sk.kernel.congestionControl === 'bbr';
}

/** icsk_ca_ops->sndbuf_expand: how many congestion windows a send buffer has room for. */
export function sendBufferWindows(sk: Sock): number {
  return isBbr(sk) ? 3 : 2;
}

/** tcp_in_cwnd_reduction. */
export function inReduction(sk: Sock): boolean {
  return sk.congestion === Congestion.Recovery;
}

/** tcp_current_ssthresh: three quarters of a window that was not shrunk count as proven. */
export function currentThreshold(sk: Sock): number {
  if (inReduction(sk)) return sk.ssthresh;
  return Math.max(sk.ssthresh, (sk.cwnd >> 1) + (sk.cwnd >> 2));
}

/** The threshold after a loss (icsk_ca_ops->ssthresh), and what there is to go back to. */
export function lowerThreshold(sk: Sock): void {
  if (isBbr(sk)) {
    // bbr_save_cwnd.
    const repairing = sk.lastCongestion >= Congestion.Recovery;
    sk.priorCwnd = repairing ? Math.max(sk.priorCwnd, sk.cwnd) : sk.cwnd;
    return;
  }
  sk.priorCwnd = sk.cwnd;
  const kept = isCubic(sk) ? (sk.cwnd * CUBIC_BETA) >> 10 : sk.cwnd >> 1;
  sk.ssthresh = Math.max(kept, 2);
}

/** tcp_init_cwnd_reduction. */
export function beginReduction(sk: Sock): void {
  sk.highSeq = sk.sndNxt;
  sk.tlpHighSeq = NEVER;
  sk.cwndCount = 0;
  sk.prrDelivered = 0;
  sk.prrOut = 0;
  lowerThreshold(sk);
}

/** tcp_cwnd_reduction: the window for what an acknowledgement lets out. */
export function reduceCwnd(sk: Sock, delivered: number, lost: number, advanced: boolean): void {
  if (delivered <= 0 || isBbr(sk)) return;
  sk.prrDelivered += delivered;
  const flying = inFlight(sk);
  sk.cwnd = flying + reducedQuota(sk, flying, delivered, advanced && lost === 0);
}

/** tcp_end_cwnd_reduction, unless the response was taken back. */
export function endReduction(sk: Sock): void {
  if (!isBbr(sk) && sk.undoMarker !== NEVER) settleCwnd(sk);
}

/** The window comes down to the threshold. */
function settleCwnd(sk: Sock): void {
  if (sk.ssthresh >= INFINITE_SSTHRESH) return;
  sk.cwnd = sk.ssthresh;
  sk.cwndStampJ = sk.kernel.jiffies();
}

/** A tail loss probe has repaired a loss: the window shrinks once (tcp_process_tlp_ack). */
export function shrinkOnce(sk: Sock): void {
  beginReduction(sk);
  if (!isBbr(sk)) settleCwnd(sk);
}

/** The part of tcp_undo_cwnd_reduction that concerns the window (icsk_ca_ops->undo_cwnd; bbr's leaves it). */
export function undoReduction(sk: Sock): void {
  if (sk.priorThreshold !== 0) {
    if (!isBbr(sk)) sk.cwnd = Math.max(sk.cwnd, sk.priorCwnd);
    sk.ssthresh = Math.max(sk.ssthresh, sk.priorThreshold);
  }
  sk.cwndStampJ = sk.kernel.jiffies();
}

/** tcp_is_cwnd_limited: only a sender that fills its window may grow it. */
function fillsWindow(sk: Sock): boolean {
  return sk.cwndLimited || (sk.cwnd < sk.ssthresh && sk.cwnd < 2 * sk.maxPacketsOut);
}

/** tcp_cwnd_validate: how much of its window a sender has used of late. */
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
  const nowJ = sk.kernel.jiffies();
  if (fillsWindow(sk)) {
    sk.cwndUsed = 0;
    sk.cwndStampJ = nowJ;
    return;
  }
  // All has been sent, and the process waits for room.
  if (sk.wantsSpace && sk.unsent.length === 0) startChrono(sk, Chrono.SendBuffer);
  sk.cwndUsed = Math.max(sk.cwndUsed, sk.packetsOut);
  if (nowJ - sk.cwndStampJ >= sk.rtoJ && restarts(sk)) giveBackUnused(sk);
}

/** net.ipv4.tcp_slow_start_after_idle, of which bbr takes no notice. */
function restarts(sk: Sock): boolean {
  return sk.kernel.sysctls.tcp_slow_start_after_idle === 1 && !isBbr(sk);
}

/** tcp_cwnd_application_limited (RFC 2861): a window that nobody fills halves towards what is used of it, once per timeout. */
function giveBackUnused(sk: Sock): void {
  if (sk.congestion === Congestion.Open && !sk.orphan && !sk.wantsSpace) {
    const used = Math.max(sk.cwndUsed, INITIAL_CWND);
    if (used < sk.cwnd) {
      sk.ssthresh = currentThreshold(sk);
      sk.cwnd = (sk.cwnd + used) >> 1;
    }
    sk.cwndUsed = 0;
  }
  sk.cwndStampJ = sk.kernel.jiffies();
}

/** tcp_slow_start_after_idle_check, tcp_cwnd_restart: the window halves for each idle RTO. */
export function restartAfterIdle(sk: Sock): void {
  if (sk.packetsOut > 0 || !restarts(sk)) return;
  const nowJ = sk.kernel.jiffies();
  let idleJ = nowJ - sk.lastSendJ;
  if (idleJ <= sk.rtoJ) return;
  sk.ssthresh = currentThreshold(sk);
  const floor = Math.min(sk.cwnd, INITIAL_CWND);
  let cwnd = sk.cwnd;
  idleJ -= sk.rtoJ;
  while (idleJ > 0 && cwnd > floor) {
    cwnd >>= 1;
    idleJ -= sk.rtoJ;
  }
  sk.cwnd = Math.max(cwnd, floor);
  sk.cwndStampJ = nowJ;
  sk.cwndUsed = 0;
}

/** tcp_may_raise_cwnd: where segments overtake each other far, what arrives beyond a gap counts as well. */
function mayRaiseOutOfOrder(sk: Sock): boolean {
  return sk.reordering > sk.kernel.sysctls.tcp_reordering && (sk.ackFlags & AckFlag.Sacked) !== 0;
}

/** tcp_cong_control: the window after an acknowledgement. */
export function controlCwnd(sk: Sock, delivered: number, lost: number, inOrder: number): void {
  if (isBbr(sk)) growBbr(sk, delivered, lost);
  else if (inReduction(sk)) {
    reduceCwnd(sk, delivered, lost, (sk.ackFlags & AckFlag.Advanced) !== 0);
  } else if (inOrder > 0 || mayRaiseOutOfOrder(sk)) {
    growReno(sk, delivered);
    sk.cwndStampJ = sk.kernel.jiffies();
  }
}

/** bbr_set_cwnd, bbr_set_cwnd_to_recover_or_restore. */
function growBbr(sk: Sock, delivered: number, lost: number): void {
  if (delivered <= 0) return;
  const before = sk.lastCongestion;
  const flying = inFlight(sk) + delivered;
  sk.lastCongestion = sk.congestion;
  if (lost > 0) sk.cwnd = Math.max(sk.cwnd - lost, 1);
  if (sk.congestion === Congestion.Recovery && before !== Congestion.Recovery) {
    sk.conserving = true;
    sk.cwnd = flying;
  } else if (before >= Congestion.Recovery && sk.congestion < Congestion.Recovery) {
    sk.conserving = false;
    sk.cwnd = Math.max(sk.cwnd, sk.priorCwnd);
  }
  if (sk.conserving) {
    sk.cwnd = Math.max(sk.cwnd, flying);
    return;
  }
  if (sk.delivered < INITIAL_CWND || sk.cwndLimited) sk.cwnd += delivered;
  sk.cwnd = Math.max(sk.cwnd, BBR_LEAST_CWND);
}

/** Slow start, then one segment per window (RFC 5681 §3.1). */
function growReno(sk: Sock, ackedSegments: number): void {
  if (!fillsWindow(sk)) return;
  let left = ackedSegments;
  if (sk.cwnd < sk.ssthresh) {
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
