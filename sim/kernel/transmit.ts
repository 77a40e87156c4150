/**
 * Putting one segment on the wire (tcp_transmit_skb) and the bare ones: acknowledgements, probes,
 * resets.
 *
 * A transmission can fail on the own host: with the interface down there is no route. Callers treat
 * that differently for data, retransmissions and probes, so it is reported and not hidden.
 */
import { noteAckSent, noteDataSent } from './delayed-ack.ts';
import type { Kernel } from './kernel.ts';
import type { MutableSegment } from './segment.ts';
import { NEVER, type Sock } from './sock.ts';
import { advertiseWindow } from './receive-window.ts';
import { MAX_SACK_BLOCKS } from './segment.ts';
import type { Segment } from './types.ts';

function blank(kernel: Kernel): MutableSegment {
  const segment = kernel.outgoing;
  segment.fromServer = kernel.isServer;
  segment.syn = false;
  segment.ack = false;
  segment.fin = false;
  segment.rst = false;
  segment.psh = false;
  segment.length = 0;
  segment.windowBytes = 0;
  segment.timestampMs = kernel.clockMs();
  segment.echoMs = NEVER;
  segment.sackBlocks = 0;
  return segment;
}

function send(kernel: Kernel, segment: MutableSegment, why: string): boolean {
  if (!kernel.linkUp) return false;
  kernel.observer?.transmitted(segment, why);
  kernel.transmit(segment);
  return true;
}

/** Selective acknowledgement of what lies beyond the gap, newest ranges last (RFC 2018 §4). */
function addSack(sk: Sock, segment: MutableSegment): void {
  const ranges = sk.outOfOrder;
  if (sk.kernel.sysctls.tcp_sack === 0) return;
  const blocks = Math.min(MAX_SACK_BLOCKS, ranges.length / 2);
  segment.sackBlocks = blocks;
  for (let i = 0; i < blocks * 2; i += 1) segment.sack[i] = ranges[i] as number;
}

/** Sends an established connection's segment; false when the own host could not. */
export function transmitData(
  sk: Sock,
  seq: number,
  bytes: number,
  fin: boolean,
  why: string,
): boolean {
  const segment = blank(sk.kernel);
  segment.ack = true;
  segment.fin = fin;
  segment.psh = bytes > 0;
  segment.seq = seq;
  segment.length = bytes;
  segment.ackSeq = sk.rcvNxt;
  segment.windowBytes = advertiseWindow(sk);
  segment.echoMs = sk.tsRecent;
  addSack(sk, segment);
  noteAckSent(sk);
  if (bytes > 0) noteDataSent(sk);
  return send(sk.kernel, segment, why);
}

/** tcp_send_ack. */
export function sendAck(sk: Sock, why = 'ack'): void {
  transmitData(sk, sk.sndNxt, 0, false, why);
}

/** tcp_xmit_probe_skb: one below the first unacknowledged byte, so that it must be answered. */
export function sendProbe(sk: Sock, why: string): boolean {
  return transmitData(sk, sk.sndUna - 1, 0, false, why);
}

/** SYN, or SYN-ACK when `withAck`. Its window is not scaled (RFC 7323 §2.2). */
export function transmitSyn(sk: Sock, withAck: boolean, why: string): boolean {
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
