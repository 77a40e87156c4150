/**
 * An acceptable acknowledgement arrives (tcp_ack; RFC 9293 §3.10.7.4): take the acknowledged off the retransmit queue, measure
 * the round trip (round-trip.ts), mark what is selectively acknowledged (sack.ts), move the window, set the timers anew.
 * Source: net/ipv4/tcp_input.c tcp_ack, tcp_ack_is_dubious, tcp_clean_rtx_queue, tcp_ack_update_rtt, tcp_ack_probe, tcp_xmit_recovery.
 */
import { Timer } from '../../model/linux/timers.ts';
import { headEnd, windowEnd } from './send-sequence.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import { scheduleTailLossProbe } from './tail-loss-probe-timer.ts';
import { Chrono, stopChrono } from './chrono.ts';
import { controlCwnd, restartAfterIdle } from './congestion.ts';
import { Rexmit, retransmitLost, updateRecovery, type RexmitCode } from './loss-recovery.ts';
import { pushAtOnce } from './output.ts';
import { answersEarlier, rackAdvance } from './rack.ts';
import { takeOffDuplicates, withoutSack } from './duplicate-acks.ts';
import { Mark } from './queues.ts';
import { highestSacked, noteReordering } from './reordering.ts';
import { measure } from './round-trip.ts';
import { tagSacked } from './sack.ts';
import { sendMemory } from './send-memory.ts';
import { AckFlag, Congestion, NEVER, type Sock } from './tcp-sock.ts';
import { processTailLossProbeAck } from './tail-loss-probe.ts';
import { clearWriteTimer } from './timers.ts';
import type { Segment } from '../network/segment.ts';
import { armClosedWindowTimer } from './zero-window.ts';

/** tcp_ack_update_window: may the segment's window replace the one known (RFC 9293 §3.10.7.4)? */
function updateWindow(sk: Sock, segment: Segment): boolean {
  const { seq, ackSeq, windowBytes } = segment;
  const newer =
    ackSeq > sk.sndUna ||
    seq > sk.sndWl1 ||
    (seq === sk.sndWl1 && (windowBytes > sk.sndWnd || windowBytes === 0));
  if (newer) {
    sk.sndWl1 = seq;
    if (windowBytes !== sk.sndWnd) {
      sk.sndWnd = windowBytes;
      // What has waited for it leaves after an idle time (tcp_slow_start_after_idle_check).
      if (sk.unsent.length > 0) restartAfterIdle(sk);
    }
    sk.maxWindow = Math.max(sk.maxWindow, windowBytes);
  }
  return newer;
}

/** What {@link cleanQueue} found, kept here so that no object is made per ACK. */
let ackedSegments = 0;
let firstSentUs = NEVER;
let ackedRetransmitted = false;

/**
 * tcp_clean_rtx_queue.
 *
 * @param priorSacked end of what was selectively acknowledged before this acknowledgement (prior_fack)
 */
function cleanQueue(sk: Sock, priorSacked: number): void {
  const { rtx } = sk;
  const sack = !withoutSack(sk);
  let overtaken: number = NEVER;
  ackedSegments = 0;
  firstSentUs = NEVER;
  ackedRetransmitted = false;
  while (rtx.length > 0) {
    const seq = rtx.seq(0);
    const end = rtx.end(0);
    const whole = end <= sk.sndUna;
    const before = rtx.segments(0);
    if (!whole && (before === 1 || sk.sndUna <= seq)) break;
    const marks = rtx.marks(0);
    const bytes = rtx.bytes(0);
    let acked = before;
    if (whole) {
      sk.sendMemory -= sendMemory(bytes);
    } else {
      rtx.setSeq(0, sk.sndUna);
      acked = before - rtx.segments(0);
      sk.sendMemory -= sendMemory(bytes) - sendMemory(rtx.bytes(0));
      if (acked === 0) break;
    }
    const sentUs = rtx.sentUs(0);
    const repeated = (marks & Mark.EverRetransmitted) !== 0;
    if (repeated) ackedRetransmitted = true;
    if (marks & Mark.Retransmitting) sk.retransOut -= acked;
    if (marks & Mark.Sacked) {
      sk.sackedOut -= acked;
    } else {
      if (!repeated) {
        if (firstSentUs === NEVER) firstSentUs = sentUs;
        if (overtaken === NEVER) overtaken = seq;
        if (end <= sk.highSeq) sk.ackFlags |= AckFlag.OriginalArrived;
      }
      if (sack) {
        sk.delivered += acked;
        if (!answersEarlier(sk, marks, sentUs)) rackAdvance(sk, sentUs, end, repeated);
      }
    }
    if (marks & Mark.Lost) sk.lostOut -= acked;
    sk.packetsOut -= acked;
    ackedSegments += acked;
    if (!whole) break;
    rtx.shift();
  }
  if (rtx.length === 0) stopChrono(sk, Chrono.Busy);
  // Nothing is in flight: what was counted twice is forgotten ("Leak r=").
  if (sk.packetsOut === 0) sk.retransOut = 0;
  if (ackedSegments === 0) return;
  if (sack) {
    // A hole that was never sent again has been filled.
    if (overtaken < priorSacked) noteReordering(sk, overtaken);
    return;
  }
  takeOffDuplicates(sk, ackedSegments);
  // Without SACK nobody can tell which sending arrived.
  if (ackedRetransmitted) sk.ackFlags &= ~AckFlag.OriginalArrived;
}

/** tcp_ack_update_rtt: the sample that this ACK allows, if any. */
function measureRoundTrip(sk: Sock, segment: Segment, sackedSentUs: number): boolean {
  const sentUs = firstSentUs !== NEVER && !ackedRetransmitted ? firstSentUs : sackedSentUs;
  return measure(sk, segment, sentUs, ackedSegments > 0);
}

/** tcp_ack_probe: nothing was in flight; does the answer open the window for the whole head? */
function onWindowProbeAnswer(sk: Sock): void {
  if (sk.unsent.length === 0) return;
  if (headEnd(sk) <= windowEnd(sk)) {
    sk.backoff = 0;
    sk.probesStampJ = NEVER;
    clearWriteTimer(sk);
  } else {
    armClosedWindowTimer(sk);
  }
}

/** tcp_ack_is_dubious: more than plain progress in good times. */
function isDubious(sk: Sock): boolean {
  return sk.congestion !== Congestion.Open || (sk.ackFlags & DOUBT) !== AckFlag.NotDuplicate;
}

const DOUBT = AckFlag.NotDuplicate | AckFlag.Sacked | AckFlag.Duplicate;

/** tcp_set_xmit_timer, unless the reordering timer has just been armed. */
function setTimer(sk: Sock): void {
  if (sk.ackFlags & AckFlag.TimerArmed) return;
  if (!scheduleTailLossProbe(sk, true)) rearmRetransmit(sk);
}

/** tcp_xmit_recovery. */
function sendRecovery(sk: Sock, rexmit: RexmitCode): void {
  switch (rexmit) {
    case Rexmit.None:
      return;
    case Rexmit.New:
      pushAtOnce(sk);
      if (sk.sndNxt > sk.highSeq) return;
      sk.frto = false;
      retransmitLost(sk);
      return;
    case Rexmit.Lost:
      retransmitLost(sk);
  }
}

/** An ACK that a later one has overtaken still says what the peer holds (old_ack). */
function processOldAck(sk: Sock, segment: Segment): void {
  if (segment.sackBlocks === 0) return;
  sk.ackFlags = AckFlag.NotDuplicate;
  tagSacked(sk, segment, sk.sndUna);
  sendRecovery(sk, updateRecovery(sk, sk.sndUna));
}

/** Takes an ACK of what was sent. */
export function processAck(sk: Sock, segment: Segment): void {
  const priorUna = sk.sndUna;
  const { ackSeq } = segment;
  if (ackSeq > sk.sndNxt) return;
  if (ackSeq < priorUna) {
    processOldAck(sk, segment);
    return;
  }
  const hadPackets = sk.packetsOut > 0;
  const advanced = ackSeq > priorUna;
  const { delivered, lost } = sk;
  const priorSacked = highestSacked(sk);
  sk.ackFlags = segment.length > 0 || segment.fin ? AckFlag.NotDuplicate : 0;
  sk.echoMs = sk.timestamps ? segment.echoMs : NEVER;
  if (advanced) {
    sk.ackFlags |= AckFlag.Advanced;
    sk.retransmits = 0;
  }
  if (updateWindow(sk, segment)) sk.ackFlags |= AckFlag.NotDuplicate;
  sk.sndUna = ackSeq;
  const sackedSentUs = segment.sackBlocks > 0 ? tagSacked(sk, segment, priorUna) : NEVER;
  sk.softError = null;
  sk.probesOut = 0;
  sk.lastAckRecvJ = sk.kernel.jiffies();
  if (!hadPackets) {
    if (sk.ackFlags & AckFlag.Duplicate) updateRecovery(sk, priorUna);
    onWindowProbeAnswer(sk);
    processTailLossProbeAck(sk, ackSeq);
    return;
  }
  cleanQueue(sk, priorSacked);
  const acked = ackedSegments;
  if (acked > 0) sk.ackFlags |= AckFlag.NotDuplicate;
  const sampled = measureRoundTrip(sk, segment, sackedSentUs);
  processTailLossProbeAck(sk, ackSeq);
  const rexmit = isDubious(sk) ? updateRecovery(sk, priorUna) : Rexmit.None;
  if (acked > 0 || (sackedSentUs !== NEVER && sampled && freshSample(sk, sackedSentUs))) {
    setTimer(sk);
  }
  controlCwnd(sk, sk.delivered - delivered, sk.lost - lost, acked);
  sendRecovery(sk, rexmit);
}

/** A SACK of data sent after the head was last sent does not put the timeout off. */
function freshSample(sk: Sock, sackedSentUs: number): boolean {
  return sk.rtx.length > 0 && sackedSentUs < sk.rtx.sentUs(0) && sk.pending !== Timer.None;
}
