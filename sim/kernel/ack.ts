/**
 * An acceptable acknowledgement arrives (tcp_ack; RFC 9293 §3.10.7.4): take the acknowledged off the retransmit queue, measure
 * the round trip (round-trip.ts), mark what is selectively acknowledged (sack.ts), move the window, set the timers anew.
 * Source: net/ipv4/tcp_input.c tcp_ack, tcp_clean_rtx_queue, tcp_ack_update_rtt, tcp_ack_probe.
 */
import { Timer } from '../../model/linux/timers.ts';
import { headEnd, windowEnd } from './send-sequence.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import { scheduleTailLossProbe } from './tail-loss-probe-timer.ts';
import { growCwnd } from './congestion.ts';
import { retransmitLost, updateRecovery } from './loss-recovery.ts';
import { rackAdvance } from './rack.ts';
import { Mark } from './queues.ts';
import { measure } from './round-trip.ts';
import { tagSacked } from './sack.ts';
import { sendMemory } from './send-memory.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import { processTailLossProbeAck } from './tail-loss-probe.ts';
import { clearWriteTimer } from './timers.ts';
import type { Segment } from '../network/segment.ts';
import { armClosedWindowTimer } from './zero-window.ts';

/** tcp_ack_update_window: may the segment's window replace the one known (RFC 9293 §3.10.7.4)? */
function updateWindow(sk: Sock, segment: Segment): void {
  const { seq, ackSeq, windowBytes } = segment;
  const newer =
    ackSeq > sk.sndUna ||
    seq > sk.sndWl1 ||
    (seq === sk.sndWl1 && (windowBytes > sk.sndWnd || windowBytes === 0));
  if (newer) {
    sk.sndWl1 = seq;
    sk.sndWnd = windowBytes;
    sk.maxWindow = Math.max(sk.maxWindow, windowBytes);
  }
}

/** What {@link cleanQueue} found, kept here so that no object is made per ACK. */
let ackedSegments = 0;
let firstSentUs = NEVER;
let ackedRetransmitted = false;

/** tcp_clean_rtx_queue. */
function cleanQueue(sk: Sock): void {
  const { rtx } = sk;
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
    if (marks & Mark.EverRetransmitted) ackedRetransmitted = true;
    else if (firstSentUs === NEVER) firstSentUs = rtx.sentUs(0);
    if (marks & Mark.Retransmitting) sk.retransOut -= acked;
    if (marks & Mark.Sacked) sk.sackedOut -= acked;
    else rackAdvance(sk, rtx.sentUs(0), end, (marks & Mark.EverRetransmitted) !== 0);
    if (marks & Mark.Lost) sk.lostOut -= acked;
    sk.packetsOut -= acked;
    ackedSegments += acked;
    if (!whole) break;
    rtx.shift();
  }
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

/** Takes an ACK at or above `snd_una` and within what was sent. Returns false for one to be ignored. */
export function processAck(sk: Sock, segment: Segment): boolean {
  const priorUna = sk.sndUna;
  const { ackSeq } = segment;
  if (ackSeq < priorUna || ackSeq > sk.sndNxt) return false;
  const hadPackets = sk.packetsOut > 0;
  const advanced = ackSeq > priorUna;
  if (advanced) sk.retransmits = 0;
  updateWindow(sk, segment);
  sk.sndUna = ackSeq;
  const sackedSentUs = segment.sackBlocks > 0 ? tagSacked(sk, segment) : NEVER;
  sk.softError = null;
  sk.probesOut = 0;
  sk.lastAckRecvJ = sk.kernel.jiffies();
  if (!hadPackets) {
    onWindowProbeAnswer(sk);
    processTailLossProbeAck(sk, ackSeq);
    return true;
  }
  cleanQueue(sk);
  const acked = ackedSegments;
  const sampled = measureRoundTrip(sk, segment, sackedSentUs);
  processTailLossProbeAck(sk, ackSeq);
  const reorderingArmed = updateRecovery(sk);
  if (
    !reorderingArmed &&
    (acked > 0 || (sackedSentUs !== NEVER && sampled && freshSample(sk, sackedSentUs)))
  ) {
    if (!scheduleTailLossProbe(sk, true)) rearmRetransmit(sk);
  }
  if (acked > 0) growCwnd(sk, acked);
  retransmitLost(sk);
  return true;
}

/** A SACK of data sent after the head was last sent does not put the timeout off. */
function freshSample(sk: Sock, sackedSentUs: number): boolean {
  return sk.rtx.length > 0 && sackedSentUs < sk.rtx.sentUs(0) && sk.pending !== Timer.None;
}
