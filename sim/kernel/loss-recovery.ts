/**
 * Loss recovery: the loss state after a timeout (RFC 5681 §3.1, RFC 6298 §5.4), and fast recovery from what RACK counts as
 * lost (RFC 5681 §3.2, RFC 8985 §6). The congestion response is the plain one of RFC 5681; undo and F-RTO are left out, for
 * they only change how fast a healed connection sends.
 *
 * Source: net/ipv4/tcp_input.c tcp_enter_loss, tcp_fastretrans_alert; net/ipv4/tcp_recovery.c tcp_rack_reo_timeout.
 */
import { Timer } from '../../model/linux/timers.ts';
import { lowerThreshold, restoreCwnd, shrinkCwnd } from './congestion.ts';
import { Mark } from './queues.ts';
import { detectLoss, identifyLoss, markLost } from './rack.ts';
import { retransmit } from './retransmit.ts';
import { inFlight } from './send-sequence.ts';
import { Congestion, NEVER, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome } from './transmit.ts';

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
export function updateRecovery(sk: Sock): boolean {
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
    if (i === 0 && sk.pending !== Timer.Reordering) {
      armWriteTimer(sk, Timer.Retransmit, sk.rtoJ);
    }
  }
}

/** The reordering timer has expired (tcp_rack_reo_timeout). */
export function onReorderingTimeout(sk: Sock): void {
  detectLoss(sk);
  if (sk.lostOut > 0 && sk.congestion < Congestion.Recovery) enterRecovery(sk);
  retransmitLost(sk);
  if (sk.pending !== Timer.Retransmit) {
    sk.pending = Timer.None;
    if (sk.packetsOut > 0) armWriteTimer(sk, Timer.Retransmit, sk.rtoJ);
  }
}
