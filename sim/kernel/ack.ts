/**
 * An acceptable acknowledgement arrives (tcp_ack): take the acknowledged off the retransmit queue, measure
 * the round trip, move the window, and set the timers anew.
 * Source: net/ipv4/tcp_input.c tcp_ack, tcp_clean_rtx_queue, tcp_ack_update_rtt, tcp_ack_probe.
 */
import { Timer } from '../../model/linux/timers.ts';
import { feedRtt, rtoJiffies } from '../../model/linux/estimator.ts';
import { MSS } from '../../model/linux/constants.ts';
import { headEnd, windowEnd } from './send-sequence.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import { scheduleTailLossProbe } from './tail-loss-probe-timer.ts';
import { growCwnd } from './congestion.ts';
import { retransmitLost, updateRecovery } from './loss-recovery.ts';
import { rackAdvance } from './rack.ts';
import { Mark } from './queues.ts';
import { sendMemory, splitSent } from './send-memory.ts';
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

/** Marks what the peer holds beyond the gap; returns when the oldest newly marked was sent, or NEVER. */
function tagSacked(sk: Sock, segment: Segment): number {
  const { rtx } = sk;
  let oldestUs = NEVER;
  for (let i = 0; i < rtx.length; i += 1) {
    if (rtx.segments(i) > 1) cutAtEdges(sk, segment, i);
    const marks = rtx.marks(i);
    if (marks & Mark.Sacked || !covered(segment, rtx.seq(i), rtx.end(i))) continue;
    const segments = rtx.segments(i);
    if (marks & Mark.Retransmitting) sk.retransOut -= segments;
    if (marks & Mark.Lost) sk.lostOut -= segments;
    sk.sackedOut += segments;
    rackAdvance(sk, rtx.sentUs(i), rtx.end(i), (marks & Mark.EverRetransmitted) !== 0);
    if ((marks & Mark.EverRetransmitted) === 0 && oldestUs === NEVER) oldestUs = rtx.sentUs(i);
    rtx.setMarks(i, (marks & ~(Mark.Retransmitting | Mark.Lost)) | Mark.Sacked);
  }
  return oldestUs;
}

/**
 * tcp_match_skb_to_sack: a buffer of several segments of which only some have arrived is cut where they begin or end.
 */
function cutAtEdges(sk: Sock, segment: Segment, i: number): void {
  const { rtx } = sk;
  for (let b = 0; b < 2 * segment.sackBlocks; b += 1) {
    const edge = segment.sack[b] as number;
    const seq = rtx.seq(i);
    if (edge <= seq || edge >= rtx.end(i)) continue;
    const segments = Math.round((edge - seq) / MSS);
    if (segments > 0 && segments < rtx.segments(i)) splitSent(sk, i, seq + segments * MSS);
  }
}

function covered(segment: Segment, seq: number, end: number): boolean {
  for (let b = 0; b < segment.sackBlocks; b += 1) {
    if (seq >= (segment.sack[2 * b] as number) && end <= (segment.sack[2 * b + 1] as number)) {
      return true;
    }
  }
  return false;
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

/** tcp_ack_update_rtt: a sample also ends the back-off. */
function measureRoundTrip(sk: Sock, segment: Segment, sackedSentUs: number): boolean {
  const { kernel } = sk;
  let sampleUs = -1;
  if (firstSentUs !== NEVER && !ackedRetransmitted) sampleUs = kernel.nowUs - firstSentUs;
  else if (sackedSentUs !== NEVER) sampleUs = kernel.nowUs - sackedSentUs;
  else if (ackedSegments > 0 && segment.echoMs !== NEVER && kernel.sysctls.tcp_timestamps > 0) {
    sampleUs = Math.max(1, kernel.clockMs() - segment.echoMs) * 1000;
  }
  if (sampleUs < 0) return false;
  takeSample(sk, sampleUs);
  return true;
}

/** Feeds the estimator and recomputes the timeout. */
export function takeSample(sk: Sock, sampleUs: number): void {
  sk.minRttUs = Math.min(sk.minRttUs, Math.max(1, sampleUs));
  feedRtt(sk, sampleUs, sk.rtoMinUs, sk.sndUna, sk.sndNxt);
  sk.rtoJ = Math.min(rtoJiffies(sk, sk.kernel.phase.hz), sk.rtoMaxJ);
  sk.backoff = 0;
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
