/**
 * A segment arrives for a connection (RFC 9293 §3.10.7.4): check it, take its acknowledgement, queue its bytes, follow its FIN.
 * Source: net/ipv4/tcp_input.c tcp_rcv_established, tcp_rcv_state_process, tcp_data_queue, tcp_fin.
 */
import { processAck } from './ack.ts';
import { acceptable, acknowledges } from './sequence-check.ts';
import { finish } from './done.ts';
import { acknowledgeIfDue, enterQuickAckMode, noteDataReceived } from './delayed-ack.ts';
import { pushPending } from './output.ts';
import {
  foresee,
  growForGap,
  growWindow,
  mayQueue,
  measureByTimestamp,
  measureSegmentSize,
  openWindow,
  queueReceived,
  receiveMemory,
  takeForward,
} from './receive-window.ts';
import { endSeq } from '../network/segment.ts';
import { sendAck, answerWithReset } from './transmit.ts';
import { extendReceivedTwice, noteReceivedTwice } from './duplicate.ts';
import { makeRoom } from './send-buffer.ts';
import { News, NEVER, SockKind, type Sock } from './tcp-sock.ts';
import { step } from './state.ts';
import { orphanInFinWait2 } from './fin-wait2.ts';
import { enterTimeWait } from './time-wait.ts';
import { TcpState } from './types.ts';
import type { Segment } from '../network/segment.ts';

/** The peer's bytes in order: into the receive queue, as far as memory goes. */
function queueInOrder(sk: Sock, segment: Segment, pushed: boolean): boolean {
  const fresh = segment.seq + segment.length - sk.rcvNxt;
  if (!mayQueue(sk, fresh)) {
    // The window is said to be shut, and the bytes are dropped, unless they are all there is; a bare FIN is taken.
    sk.ackScheduled = true;
    sk.ackNow = true;
    sk.noMemory = true;
    if (fresh > 0 && sk.receiveQueue.bytes > 0) return false;
  }
  if (fresh <= 0) return true;
  queueReceived(sk, fresh, sk.arrivingBytes);
  sk.rcvNxt += fresh;
  noteDataReceived(sk, fresh, pushed);
  return true;
}

/** tcp_ofo_queue: the gap is closed, what lay beyond follows; what has come twice so is told. */
function takeOutOfOrder(sk: Sock): void {
  const queue = sk.outOfOrder;
  const arrivedEnd = sk.rcvNxt;
  while (queue.length > 0 && queue.start <= sk.rcvNxt) {
    const { start, end, each } = queue;
    if (start < arrivedEnd) extendReceivedTwice(sk, start, Math.min(end, arrivedEnd));
    sk.forwardBytes += queue.shift();
    if (end <= sk.rcvNxt) continue;
    queueReceived(sk, end - sk.rcvNxt, each);
    sk.rcvNxt = end;
  }
}

/** tcp_data_queue_ofo: into the queue beyond the gap, as far as memory goes; it grows the window as what comes in order does. */
function queueOutOfOrder(sk: Sock, segment: Segment): void {
  const { seq, length } = segment;
  const end = seq + length;
  if (!mayQueue(sk, length)) return;
  measureSegmentSize(sk, length, segment.psh);
  sk.foreseen = false;
  sk.ackScheduled = true;
  sk.ackNow = true;
  const { outOfOrder } = sk;
  if (!outOfOrder.holds(seq, end)) {
    const memory = receiveMemory(sk, length);
    outOfOrder.add(seq, end, memory, sk.arrivingBytes);
    if (sk.kernel.sysctls.tcp_sack === 1) growWindow(sk, length);
    takeForward(sk, memory);
  } else {
    noteReceivedTwice(sk, seq, end);
  }
  outOfOrder.tell(seq, end);
  growForGap(sk);
}

/** tcp_fin: the peer will send no more. */
function receiveFin(sk: Sock): void {
  sk.rcvNxt += 1;
  sk.peerFinSeen = true;
  sk.ackScheduled = true;
  if (!sk.orphan) sk.news |= News.PeerFin;
  if (sk.state === TcpState.Established) {
    step(sk, 'RCV_FIN');
    sk.pingpong = 1;
    return;
  }
  if (sk.state === TcpState.FinWait1) {
    sendAck(sk);
    step(sk, 'RCV_FIN');
  } else if (sk.state === TcpState.FinWait2) {
    sendAck(sk);
    step(sk, 'RCV_FIN');
    enterTimeWait(sk);
  }
}

/** tcp_data_queue. */
function queueData(sk: Sock, segment: Segment): void {
  const end = endSeq(segment);
  if (end === segment.seq) return;
  sk.duplicateStart = NEVER;
  if (end <= sk.rcvNxt) {
    noteReceivedTwice(sk, segment.seq, end);
    enterQuickAckMode(sk);
    sk.ackScheduled = true;
    return;
  }
  const window = openWindow(sk);
  const bareFin = segment.fin && segment.length === 0;
  if (segment.seq >= sk.rcvNxt + window && !(bareFin && segment.seq === sk.rcvNxt)) {
    enterQuickAckMode(sk);
    sk.ackScheduled = true;
    return;
  }
  if (segment.fin) sk.peerFinSeq = end - 1;
  if (segment.seq > sk.rcvNxt) {
    if (segment.length > 0) queueOutOfOrder(sk, segment);
    else sk.ackScheduled = sk.ackNow = true;
    return;
  }
  if (segment.seq < sk.rcvNxt) noteReceivedTwice(sk, segment.seq, sk.rcvNxt);
  if (!queueInOrder(sk, segment, segment.psh)) return;
  foresee(sk);
  if (sk.outOfOrder.length > 0) {
    takeOutOfOrder(sk);
    if (sk.outOfOrder.length === 0) sk.ackNow = true;
    sk.outOfOrder.forgetBelow(sk.rcvNxt);
  }
  if (sk.receiveQueue.bytes > 0 && !sk.orphan) sk.news |= News.Readable;
  if (sk.rcvNxt === sk.peerFinSeq && !sk.peerFinSeen) receiveFin(sk);
}

/** Our FIN has been acknowledged: what follows depends on who closed first. */
function onFinAcknowledged(sk: Sock, segment: Segment): void {
  switch (sk.state) {
    case TcpState.FinWait1:
      step(sk, 'RCV_ACK_OF_FIN');
      if (sk.orphan) orphanInFinWait2(sk, segment.fin);
      break;
    case TcpState.Closing:
      step(sk, 'RCV_ACK_OF_FIN');
      enterTimeWait(sk);
      break;
    case TcpState.LastAck:
      finish(sk, 'RCV_ACK_OF_FIN');
      break;
    default:
      break;
  }
}

/** Bytes for a socket that nobody will read: reset (RFC 1122 §4.2.2.13). */
function dataAfterClose(sk: Sock, segment: Segment): boolean {
  if (!sk.orphan || segment.length === 0) return false;
  if (segment.seq + segment.length <= sk.rcvNxt) return false;
  answerWithReset(sk.kernel, segment);
  finish(sk, 'RCV_DATA_AFTER_CLOSE');
  return true;
}

/** A segment for a full socket past the handshake. */
export function receiveSegment(sk: Sock, segment: Segment): void {
  if (!acceptable(sk, segment) || !acknowledges(sk, segment)) return;
  if (segment.seq <= sk.rcvWup && segment.timestampMs >= sk.tsRecent)
    sk.tsRecent = segment.timestampMs;
  sk.stampUs = sk.kernel.nowUs;
  sk.arrivingBytes = segment.burstBytes;
  processAck(sk, segment);
  if (segment.length > 0) measureByTimestamp(sk, segment);
  if (sk.finSent && sk.sndUna === sk.writeSeq) {
    onFinAcknowledged(sk, segment);
    if (sk.kind === SockKind.None || sk.state === TcpState.Close) return;
  }
  if (sk.kind !== SockKind.Full) return;
  if (dataAfterClose(sk, segment)) return;
  queueData(sk, segment);
  if (sk.kind !== SockKind.Full) return;
  if (sk.unsent.length > 0) pushPending(sk);
  if (sk.wantsSpace) makeRoom(sk);
  if (sk.ackScheduled) acknowledgeIfDue(sk);
}
