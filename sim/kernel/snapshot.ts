/**
 * Taking over a recorded state: for the replay of a recording, nothing else.
 *
 * How a bulk transfer runs depends on congestion control, pacing and scheduling, to the packet. What
 * follows when the peer's window shuts or the wire is cut does not: it depends on a few numbers, which a
 * recording contains. So a replay lets the transfer run as it may, puts those numbers in at that
 * instant, and leaves the socket to itself again.
 */
import { INITIAL_CWND } from '../../model/linux/constants.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import { scheduleTailLossProbe } from './tail-loss-probe-timer.ts';
import { pushPending } from './output.ts';
import { segmentsOf } from './queues.ts';
import { pinWholeBuffer, queueReceived } from './receive-window.ts';
import { sizeGoal } from './send-buffer.ts';
import { sendMemory } from './send-memory.ts';
import { Congestion, NEVER, type Sock } from './tcp-sock.ts';
import { clearDelayedAck, clearWriteTimer } from './timers.ts';
import type { ReceiverSnapshot, SenderSnapshot } from './types.ts';

/** Unsent payload in buffers as writes of any size make them: full ones, counted from the stream's beginning. */
function refillUnsent(sk: Sock, bytes: number): void {
  const goal = sizeGoal(sk);
  let left = bytes;
  let room = goal - ((sk.sndNxt - 1) % goal);
  while (left > 0) {
    const taken = Math.min(left, room);
    sk.unsent.push(taken);
    sk.sendMemory += sendMemory(taken);
    left -= taken;
    room = goal;
  }
  if (sk.finQueued && !sk.finSent && sk.unsent.length === 0) sk.unsent.push(0);
}

/** Full segments, and between the first and the last of them as many smaller ones as it takes to make `segments`. */
function refillInFlight(sk: Sock, bytes: number, segments: number): void {
  const atLeast = segmentsOf(bytes, sk.mss);
  const between = Math.max(atLeast, segments) - 2;
  const isMixed = segments > atLeast && between > 0;
  const size = isMixed ? Math.ceil((bytes - 2 * sk.mss) / between) : sk.mss;
  let left = bytes;
  while (left > 0) {
    const isEdge = !isMixed || left === bytes || left <= sk.mss;
    const taken = Math.min(isEdge ? left : left - sk.mss, isEdge ? sk.mss : size);
    sk.rtx.push(sk.sndNxt, sk.sndNxt + taken, sk.kernel.nowUs, 0);
    sk.sendMemory += sendMemory(taken);
    sk.packetsOut += segmentsOf(taken, sk.mss);
    sk.sndNxt += taken;
    left -= taken;
  }
}

function adoptTimeout(sk: Sock, snapshot: SenderSnapshot): void {
  sk.srtt8 = snapshot.rttUs * 8;
  sk.mdev4 = snapshot.rttvarUs * 4;
  sk.rtoJ = Math.min(sk.kernel.us(snapshot.rtoUs), sk.rtoMaxJ);
  const floorUs = Math.max(sk.rtoMinUs, sk.mdev4);
  const fits = sk.kernel.us(snapshot.rttUs + floorUs) === sk.rtoJ;
  // TCP_INFO does not tell the variance term; the timeout does, to a tick.
  sk.rttvar4 = fits ? floorUs : Math.max(0, snapshot.rtoUs - snapshot.rttUs);
  sk.mdevMax4 = Math.max(sk.rtoMinUs, sk.mdev4);
  sk.rttSeq = sk.sndNxt;
  sk.retransmits = 0;
  sk.backoff = 0;
  sk.probesOut = 0;
  sk.probesStampJ = NEVER;
  sk.retransStampMs = NEVER;
  sk.tlpHighSeq = NEVER;
}

/** The sending side as recorded, at the instant of its last ACK or transmission; its timers start here. */
export function adoptSender(sk: Sock, snapshot: SenderSnapshot): void {
  const outqBytes = snapshot.outqBytes - (sk.finQueued ? 1 : 0);
  sk.sndUna = snapshot.bytesAcked + (sk.activeOpen ? 0 : 1);
  sk.sndNxt = sk.sndUna;
  sk.sndWnd = snapshot.windowBytes;
  sk.writeSeq = sk.sndUna + snapshot.outqBytes;
  sk.pushedSeq = sk.writeSeq;
  sk.bytesWritten = sk.sndUna - 1 + outqBytes;
  sk.rtx.clear();
  sk.unsent.clear();
  sk.sendMemory = 0;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
  sk.congestion = Congestion.Open;
  sk.finSent = false;
  const inFlightBytes = Math.min(snapshot.inFlightBytes, outqBytes);
  refillInFlight(sk, inFlightBytes, snapshot.inFlightSegments ?? 0);
  refillUnsent(sk, outqBytes - (sk.sndNxt - sk.sndUna));
  if (outqBytes > 0) {
    // A full buffer is the reason why no more was written.
    sk.sendBuffer = Math.max(sk.sendMemory, sk.sendBufferLocked ? sk.sendBuffer : 0);
    sk.wantsSpace = true;
  }
  sk.cwnd = Math.max(snapshot.cwnd ?? INITIAL_CWND, sk.packetsOut);
  sk.ssthresh = snapshot.ssthresh ?? sk.ssthresh;
  adoptTimeout(sk, snapshot);
  sk.lastAckRecvJ = sk.kernel.jiffies();
  sk.lastSendJ = sk.kernel.jiffies() - Math.floor(snapshot.sinceSentUs / sk.kernel.phase.tickUs);
  sk.cwndStampJ = sk.kernel.jiffies();
  clearWriteTimer(sk);
  if (sk.packetsOut === 0) pushPending(sk);
  else if (!scheduleTailLossProbe(sk, false)) rearmRetransmit(sk);
}

/** What is unread lies in the buffers in which it arrived; one that has been read in part is there with all its memory. */
function layOut(sk: Sock, buffersBytes: readonly number[]): void {
  const { receiveQueue } = sk;
  const unread = receiveQueue.bytes;
  let first = buffersBytes.length;
  let bytes = 0;
  while (first > 0 && bytes < unread) {
    first -= 1;
    bytes += buffersBytes[first] as number;
  }
  if (bytes < unread || unread === 0) return;
  receiveQueue.clear();
  for (let i = first; i < buffersBytes.length; i += 1) {
    queueReceived(sk, buffersBytes[i] as number, 0);
    if (i === first && bytes > unread) receiveQueue.take(bytes - unread);
  }
}

/** The receiving side as recorded: how far it has received, and what it offers. */
export function adoptReceiver(sk: Sock, snapshot: ReceiverSnapshot): void {
  const moreBytes = 1 + snapshot.bytesReceived - sk.rcvNxt;
  const { receiveQueue } = sk;
  sk.outOfOrder.clear();
  sk.duplicateStart = NEVER;
  // All of it has been acknowledged.
  sk.ackScheduled = false;
  sk.ackNow = false;
  clearDelayedAck(sk);
  sk.rcvNxt += moreBytes;
  sk.rcvWup = sk.rcvNxt;
  sk.rcvWnd = snapshot.windowBytes;
  const { sinceAnswerUs } = snapshot;
  sk.lastInvalidAckJ =
    sinceAnswerUs === null ? NEVER : sk.kernel.jiffies() - sk.kernel.us(sinceAnswerUs);
  if (snapshot.windowBytes > 0 && receiveQueue.bytes === 0) {
    // A reader that keeps up has read these too.
    sk.copiedSeq += moreBytes;
    sk.bytesRead += moreBytes;
    return;
  }
  if (moreBytes < 0) {
    const unread = receiveQueue.dropLast(-moreBytes);
    sk.copiedSeq = sk.rcvNxt - unread;
    sk.bytesRead = sk.copiedSeq - 1;
  }
  for (let left = moreBytes; left > 0; left -= sk.mss) queueReceived(sk, Math.min(left, sk.mss), 0);
  sk.receiveBuffer = snapshot.receiveBufferBytes ?? sk.receiveBuffer;
  layOut(sk, snapshot.buffersBytes);
  if (snapshot.windowBytes === 0) pinWholeBuffer(sk, snapshot.excessBytes);
}
