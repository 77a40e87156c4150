/**
 * Putting one segment on the wire (tcp_transmit_skb) and the bare ones: acknowledgements, probes,
 * resets.
 *
 * A transmission can fail on the own host: no route, a rule of netfilter, a full queue. Callers treat
 * that differently for data, retransmissions and probes, so it is reported and not hidden.
 */
import type { Kernel } from './machine.ts';
import type { MutableSegment } from '../network/segment.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import { Mark } from './queues.ts';
import { advertiseWindow } from './receive-window.ts';
import { clearDelayedAck } from './timers.ts';
import { mostSackBlocks } from '../network/segment.ts';
import type { Segment } from '../network/segment.ts';

/** What became of a segment on its own host: the sign of what tcp_transmit_skb returns. */
export const Outcome = {
  Sent: 0,
  /** The queue of the interface has dropped it (NET_XMIT_DROP). */
  Dropped: 1,
  /** No route, or netfilter has dropped it. */
  Refused: -1,
} as const;
export type OutcomeCode = (typeof Outcome)[keyof typeof Outcome];

function blank(kernel: Kernel): MutableSegment {
  const segment = kernel.outgoing;
  segment.fromServer = kernel.isServer;
  segment.syn = false;
  segment.ack = false;
  segment.fin = false;
  segment.rst = false;
  segment.psh = false;
  segment.length = 0;
  segment.burstBytes = 0;
  segment.windowBytes = 0;
  segment.timestampMs = kernel.sysctls.tcp_timestamps === 0 ? NEVER : kernel.clockMs();
  segment.echoMs = NEVER;
  segment.sackBlocks = 0;
  return segment;
}

function send(kernel: Kernel, segment: MutableSegment, why: string): OutcomeCode {
  if (!kernel.linkUp || kernel.localDrop === 'netfilter') return Outcome.Refused;
  if (kernel.localDrop === 'qdisc') return Outcome.Dropped;
  kernel.observer?.transmitted(segment, why);
  kernel.transmit(segment);
  return Outcome.Sent;
}

/** Selective acknowledgement of what lies beyond the gap, the newest range first (RFC 2018 §4). */
function addSack(sk: Sock, segment: MutableSegment): void {
  const { ranges } = sk.outOfOrder;
  if (sk.kernel.sysctls.tcp_sack === 0) return;
  if (ranges.length === 0 && sk.duplicateStart === NEVER) return;
  let at = 0;
  if (sk.duplicateStart !== NEVER) {
    // It is told once.
    segment.sack[at++] = sk.duplicateStart;
    segment.sack[at++] = sk.duplicateEnd;
    sk.duplicateStart = NEVER;
  }
  const most = 2 * mostSackBlocks(sk.timestamps);
  for (let i = 0; i < ranges.length && at < most; i += 1) segment.sack[at++] = ranges[i] as number;
  segment.sackBlocks = at / 2;
}

/** tcp_event_ack_sent: whatever was owed has been said. */
function noteAckSent(sk: Sock): void {
  if (sk.ackScheduled && sk.quickAcks > 0) sk.quickAcks -= 1;
  sk.ackScheduled = false;
  sk.ackNow = false;
  sk.noMemory = false;
  if (sk.ackTimerPending) clearDelayedAck(sk);
  sk.ackPushed = 0;
}

/** tcp_event_data_sent: an answer within the delayed-ACK time makes the connection interactive. */
function noteDataSent(sk: Sock): void {
  const nowJ = sk.kernel.jiffies();
  sk.lastSendJ = nowJ;
  if (nowJ - sk.lastDataRecvJ < sk.atoJ) sk.pingpong = Math.min(255, sk.pingpong + 1);
}

/** tcp_gso_segment: without offload the wire gets a buffer segment by segment; FIN and PSH go with the last one. */
function sendSegments(
  kernel: Kernel,
  segment: MutableSegment,
  mss: number,
  why: string,
): OutcomeCode {
  const { fin, psh, length } = segment;
  const end = segment.seq + length;
  let outcome: OutcomeCode = Outcome.Sent;
  do {
    const left = end - segment.seq;
    segment.length = Math.min(left, mss);
    segment.fin = fin && left <= mss;
    segment.psh = psh && left <= mss;
    outcome = send(kernel, segment, why);
    segment.seq += segment.length;
  } while (segment.seq < end);
  return outcome;
}

/** Sends an established connection's segment, or a buffer of several, with FIN and PSH as `marks` say. */
export function transmitData(
  sk: Sock,
  seq: number,
  bytes: number,
  marks: number,
  why: string,
): OutcomeCode {
  const segment = blank(sk.kernel);
  segment.ack = true;
  segment.fin = (marks & Mark.Fin) !== 0;
  segment.psh = (marks & Mark.Push) !== 0;
  segment.seq = seq;
  segment.length = bytes;
  segment.ackSeq = sk.rcvNxt;
  segment.windowBytes = advertiseWindow(sk);
  segment.echoMs = sk.tsRecent;
  if (!sk.timestamps) segment.timestampMs = NEVER;
  addSack(sk, segment);
  noteAckSent(sk);
  if (bytes > 0) noteDataSent(sk);
  // IPv6 remembers that there is no route (inet6_csk_xmit); IPv4 only returns it (__ip_queue_xmit).
  if (!sk.kernel.linkUp && sk.kernel.addressFamily === 6) sk.softError = 'ENETUNREACH';
  if (bytes > sk.mss) segment.burstBytes = sk.burstBytes;
  if (sk.kernel.offload !== 'none' || bytes <= sk.mss) return send(sk.kernel, segment, why);
  return sendSegments(sk.kernel, segment, sk.mss, why);
}

/** tcp_send_ack. */
export function sendAck(sk: Sock, why = 'ack'): void {
  transmitData(sk, sk.sndNxt, 0, 0, why);
}

/** tcp_xmit_probe_skb: one below the first unacknowledged byte, so that it must be answered. */
export function sendProbe(sk: Sock, why: string): OutcomeCode {
  return transmitData(sk, sk.sndUna - 1, 0, 0, why);
}

/** SYN, or SYN-ACK when `withAck`. Its window is not scaled (RFC 7323 §2.2). */
export function transmitSyn(sk: Sock, withAck: boolean, why: string): OutcomeCode {
  const segment = blank(sk.kernel);
  segment.syn = true;
  segment.ack = withAck;
  segment.seq = 0;
  segment.ackSeq = withAck ? sk.rcvNxt : 0;
  segment.windowBytes = sk.rcvWnd;
  segment.echoMs = sk.tsRecent;
  return send(sk.kernel, segment, why);
}

/** tcp_send_active_reset: a connection given up on this side. */
export function sendReset(sk: Sock, why: string): void {
  const segment = blank(sk.kernel);
  segment.rst = true;
  segment.ack = true;
  segment.seq = sk.sndNxt;
  segment.ackSeq = sk.rcvNxt;
  segment.echoMs = sk.timestamps ? sk.tsRecent : NEVER;
  if (!sk.timestamps) segment.timestampMs = NEVER;
  send(sk.kernel, segment, why);
}

/** tcp_v4_send_reset: the answer to a segment that belongs to no connection (RFC 9293 §3.5.2). */
export function answerWithReset(kernel: Kernel, to: Segment): void {
  if (to.rst) return;
  const segment = blank(kernel);
  segment.rst = true;
  if (to.ack) {
    segment.seq = to.ackSeq;
    segment.ackSeq = 0;
  } else {
    segment.ack = true;
    segment.seq = 0;
    segment.ackSeq = to.seq + to.length + (to.syn ? 1 : 0) + (to.fin ? 1 : 0);
  }
  send(kernel, segment, 'reset');
}

/** The acknowledgement of a time-wait socket (tcp_timewait_send_ack): nothing but its two numbers. */
export function sendTimeWaitAck(sk: Sock): void {
  const segment = blank(sk.kernel);
  segment.ack = true;
  segment.seq = sk.sndNxt;
  segment.ackSeq = sk.rcvNxt;
  segment.windowBytes = sk.rcvWnd;
  segment.echoMs = sk.tsRecent;
  send(sk.kernel, segment, 'ack');
}
