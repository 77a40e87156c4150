/**
 * Which segments count as lost, and the recovery from it: RACK (RFC 8985 §6) and the loss state after
 * a timeout. The congestion response is the plain one of RFC 5681; undo and F-RTO are left out, for
 * they only change how fast a healed connection sends.
 * Source: net/ipv4/tcp_recovery.c; tcp_input.c tcp_enter_loss, tcp_fastretrans_alert.
 */
import { lowerThreshold, restoreCwnd, shrinkCwnd } from './congestion.ts';
import { inFlight } from './send-sequence.ts';
import { Mark } from './queues.ts';
import { retransmit } from './retransmit.ts';
import { Congestion, NEVER, Pending, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome } from './transmit.ts';
import { PROBE_SLACK_US } from '../../model/linux/constants.ts';

/** tcp_mark_skb_lost: also takes back a retransmission that is now believed lost. */
function markLost(sk: Sock, i: number): void {
  const { rtx } = sk;
  let marks = rtx.marks(i);
  if (marks & Mark.Sacked) return;
  if (marks & Mark.Retransmitting) {
    sk.retransOut -= rtx.segments(i);
    marks &= ~Mark.Retransmitting;
  }
  if ((marks & Mark.Lost) === 0) sk.lostOut += rtx.segments(i);
  rtx.setMarks(i, marks | Mark.Lost);
}

/** tcp_enter_loss: after a timeout everything but the freshly sent counts as lost. */
export function enterLoss(sk: Sock): void {
  const { rtx, kernel } = sk;
  for (let i = 0; i < rtx.length; i += 1) {
    const ageUs = kernel.nowUs - rtx.sentUs(i);
    if (i > 0 && ageUs < sk.rackRttUs) continue;
    markLost(sk, i);
  }
  if (sk.congestion !== Congestion.Loss || sk.sndUna >= sk.highSeq) {
    lowerThreshold(sk);
  }
  sk.cwnd = inFlight(sk) + 1;
  sk.cwndCount = 0;
  sk.congestion = Congestion.Loss;
  sk.highSeq = sk.sndNxt;
}

/** A later segment has arrived: tcp_rack_advance. */
export function rackAdvance(
  sk: Sock,
  sentUs: number,
  end: number,
  wasRetransmitted: boolean,
): void {
  const roundTripUs = sk.kernel.nowUs - sentUs;
  if (wasRetransmitted && roundTripUs < sk.minRttUs) return;
  sk.rackAdvanced = true;
  sk.rackRttUs = roundTripUs;
  if (sentUs > sk.rackSentUs || (sentUs === sk.rackSentUs && end > sk.rackEndSeq)) {
    sk.rackSentUs = sentUs;
    sk.rackEndSeq = end;
  }
}

/** tcp_rack_reo_wnd: how long a segment may be late before it counts as lost. */
function reorderingWindowUs(sk: Sock): number {
  if (sk.congestion >= Congestion.Recovery) return 0;
  if (sk.sackedOut >= sk.kernel.sysctls.tcp_reordering) return 0;
  return Math.min(Math.floor(sk.minRttUs / 4), Math.floor(sk.srtt8 / 8));
}

/** tcp_rack_detect_loss: what was sent before the newest arrival and should have arrived by now. */
function detectLoss(sk: Sock): number {
  const { rtx, kernel } = sk;
  const patienceUs = sk.rackRttUs + reorderingWindowUs(sk);
  let waitUs = 0;
  for (let i = 0; i < rtx.length; i += 1) {
    const marks = rtx.marks(i);
    if (marks & Mark.Sacked) continue;
    if (marks & Mark.Lost && (marks & Mark.Retransmitting) === 0) continue;
    const sentUs = rtx.sentUs(i);
    if (sentUs > sk.rackSentUs || (sentUs === sk.rackSentUs && rtx.end(i) >= sk.rackEndSeq)) {
      continue;
    }
    const leftUs = patienceUs - (kernel.nowUs - sentUs);
    if (leftUs <= 0) markLost(sk, i);
    else waitUs = Math.max(waitUs, leftUs);
  }
  return waitUs;
}

/** tcp_rack_mark_lost: returns whether the reordering timer has been armed. */
function identifyLoss(sk: Sock): boolean {
  if (!sk.rackAdvanced) return false;
  sk.rackAdvanced = false;
  const waitUs = detectLoss(sk);
  if (waitUs === 0) return false;
  armWriteTimer(sk, Pending.Reordering, Math.min(sk.kernel.us(waitUs + PROBE_SLACK_US), sk.rtoJ));
  return true;
}

function enterRecovery(sk: Sock): void {
  lowerThreshold(sk);
  shrinkCwnd(sk, inFlight(sk));
  sk.highSeq = sk.sndNxt;
  sk.congestion = Congestion.Recovery;
  sk.tlpHighSeq = NEVER;
}

/** Back to normal: the loss window is acknowledged (tcp_try_undo_recovery, tcp_try_to_open). */
function leaveRecovery(sk: Sock): void {
  restoreCwnd(sk);
  sk.congestion = Congestion.Open;
}

/**
 * After an ACK: state of the recovery (tcp_fastretrans_alert).
 *
 * @returns whether the reordering timer now owns the write timer
 */
export function judgeLoss(sk: Sock): boolean {
  if (sk.congestion >= Congestion.Recovery && sk.sndUna >= sk.highSeq) leaveRecovery(sk);
  const armed = sk.packetsOut > 0 && sk.kernel.sysctls.tcp_sack === 1 && identifyLoss(sk);
  if (sk.congestion < Congestion.Recovery) {
    if (sk.lostOut > 0) enterRecovery(sk);
    else sk.congestion = sk.sackedOut > 0 ? Congestion.Disorder : Congestion.Open;
  }
  if (sk.congestion === Congestion.Open && sk.retransOut === 0) sk.retransStampMs = NEVER;
  return armed;
}

/** tcp_xmit_retransmit_queue: as many lost segments as the congestion window takes. */
export function retransmitLost(sk: Sock): void {
  const { rtx } = sk;
  if (sk.congestion < Congestion.Recovery || sk.lostOut === 0) return;
  for (let i = 0; i < rtx.length; i += 1) {
    if (inFlight(sk) >= sk.cwnd) return;
    const marks = rtx.marks(i);
    if ((marks & Mark.Lost) === 0 || marks & (Mark.Retransmitting | Mark.Sacked)) continue;
    if (retransmit(sk, i, 'retransmission') !== Outcome.Sent) return;
    if (i === 0 && sk.pending !== Pending.Reordering) {
      armWriteTimer(sk, Pending.Retransmit, sk.rtoJ);
    }
  }
}

/** The reordering timer has expired (tcp_rack_reo_timeout). */
export function onReorderingTimeout(sk: Sock): void {
  detectLoss(sk);
  if (sk.lostOut > 0 && sk.congestion < Congestion.Recovery) enterRecovery(sk);
  retransmitLost(sk);
  if (sk.pending !== Pending.Retransmit) {
    sk.pending = Pending.None;
    if (sk.packetsOut > 0) armWriteTimer(sk, Pending.Retransmit, sk.rtoJ);
  }
}
