/**
 * The three-way handshake from both sides (RFC 9293 §3.5, §3.10.7).
 *
 * A SYN is retransmitted a few times at one second, then with doubling (model/linux/retransmit-timer.ts). A SYN-ACK is the
 * listener's business: it is repeated and at last forgotten without anybody being told (model/linux/syn-ack-timer.ts).
 * Source: net/ipv4/tcp_output.c tcp_connect; tcp_input.c tcp_rcv_synsent_state_process,
 * tcp_finish_connect; inet_connection_sock.c reqsk_timer_handler; tcp_minisocks.c tcp_check_req.
 */
import { Timer } from '../../model/linux/timers.ts';
import { processAck } from './ack.ts';
import { sampleByTimestamp, takeSample } from './round-trip.ts';
import { FALLBACK_RTO_MS } from '../../model/linux/constants.ts';
import { synAckDelayJ, synAckExpired, SynAckStep } from '../../model/linux/syn-ack-timer.ts';
import { finish, onReset } from './done.ts';
import { initConnection, initCongestion, setTimestamps } from './init.ts';
import { Mark } from './queues.ts';
import { sendMemory } from './send-memory.ts';
import { receiveSegment } from './receive.ts';
import { initBufferSpace, initReceiveWindow } from './receive-window.ts';
import { expandSendBuffer } from './send-buffer.ts';
import { News, NEVER, SockKind, type Sock } from './tcp-sock.ts';
import { tellFailure } from './wakeups.ts';
import { step } from './state.ts';
import { armKeepaliveTimer, armWriteTimer, clearWriteTimer } from './timers.ts';
import { answerWithReset, Outcome, sendAck, transmitSyn } from './transmit.ts';
import { TcpState } from './types.ts';
import type { Segment } from '../network/segment.ts';

/** connect(2): the first SYN. */
export function connect(sk: Sock): void {
  const { kernel } = sk;
  initConnection(sk);
  sk.activeOpen = true;
  sk.kind = SockKind.Full;
  initReceiveWindow(sk, sk.offeredMss);
  step(sk, 'CONNECT');
  sk.sndNxt = 1;
  sk.writeSeq = 1;
  sk.pushedSeq = 1;
  sk.rtx.push(0, 1, kernel.nowUs, Mark.Syn);
  sk.sendMemory += sendMemory(0);
  sk.packetsOut = 1;
  // The clock of the SYN timeouts starts with the first SYN (tcp_connect).
  sk.retransStampMs = kernel.clockMs();
  transmitSyn(sk, false, 'syn');
  if (!kernel.linkUp) {
    // No route. Any other failure of the first SYN is left to its timer.
    tellFailure(sk, 'ENETUNREACH');
    finish(sk, 'RCV_ICMP_ERROR');
    return;
  }
  armWriteTimer(sk, Timer.Retransmit, sk.rtoJ);
}

/** What both sides do once the handshake is over (tcp_finish_connect, tcp_init_transfer). */
function establish(sk: Sock, windowBytes: number): void {
  const nowJ = sk.kernel.jiffies();
  sk.sndWnd = windowBytes;
  sk.maxWindow = windowBytes;
  sk.lastDataRecvJ = nowJ;
  sk.lastAckRecvJ = nowJ;
  sk.lastSendJ = nowJ;
  sk.retransStampMs = NEVER;
  initCongestion(sk);
  if (sk.srtt8 === 0) {
    // No round trip could be measured: RFC 6298 §5.7 (tcp_init_metrics).
    sk.rtoJ = Math.min(sk.kernel.ms(FALLBACK_RTO_MS), sk.rtoMaxJ);
    sk.mdev4 = FALLBACK_RTO_MS * 1000;
    sk.rttvar4 = sk.mdev4;
    sk.mdevMax4 = sk.mdev4;
  }
  if (!sk.sendBufferLocked) expandSendBuffer(sk);
  initBufferSpace(sk);
  if (sk.keepaliveOn) armKeepaliveTimer(sk, sk.keepIdleJ);
  sk.news |= News.Established;
}

/** A segment arrives in SYN_SENT. */
export function receiveInSynSent(sk: Sock, segment: Segment): void {
  if (segment.ack && segment.ackSeq !== 1) {
    answerWithReset(sk.kernel, segment);
    return;
  }
  if (segment.rst) {
    if (segment.ack) onReset(sk);
    return;
  }
  if (!segment.syn || !segment.ack) return;
  sk.rcvNxt = segment.seq + 1;
  sk.rcvWup = sk.rcvNxt;
  sk.copiedSeq = sk.rcvNxt;
  sk.sndWl1 = segment.seq;
  setTimestamps(sk, sk.timestamps && segment.timestampMs !== NEVER);
  sk.tsRecent = segment.timestampMs;
  processAck(sk, segment);
  clearWriteTimer(sk);
  step(sk, 'RCV_SYN_ACK');
  establish(sk, segment.windowBytes);
  sendAck(sk);
}

/** A SYN for a listening socket: answer and remember the request. */
export function receiveInListen(sk: Sock, segment: Segment): void {
  if (segment.rst) return;
  if (segment.ack || !segment.syn) {
    answerWithReset(sk.kernel, segment);
    return;
  }
  initConnection(sk);
  sk.activeOpen = false;
  step(sk, 'RCV_SYN');
  setTimestamps(sk, sk.timestamps && segment.timestampMs !== NEVER);
  initReceiveWindow(sk, sk.mss);
  sk.rcvNxt = segment.seq + 1;
  sk.rcvWup = sk.rcvNxt;
  sk.copiedSeq = sk.rcvNxt;
  sk.sndWl1 = segment.seq;
  sk.sndWnd = segment.windowBytes;
  sk.tsRecent = segment.timestampMs;
  sk.sndNxt = 1;
  sk.writeSeq = 1;
  sk.pushedSeq = 1;
  sk.synAckSentUs = sk.kernel.nowUs;
  sk.requestAcked = false;
  transmitSyn(sk, true, 'syn-ack');
  armWriteTimer(sk, Timer.SynAck, synAckDelayJ(sk, sk.kernel.phase.hz));
}

/** A request that nobody completes is dropped, and nobody is told. */
export function dropRequest(
  sk: Sock,
  event: 'RETRANSMISSION_TIMED_OUT' | 'RCV_RST' | 'RCV_ICMP_ERROR',
): void {
  step(sk, event);
  clearWriteTimer(sk);
}

/** inet_rtx_syn_ack: whether the SYN-ACK has left the host once more. */
function repeatSynAck(sk: Sock): boolean {
  if (transmitSyn(sk, true, 'syn-ack') !== Outcome.Sent) return false;
  sk.synAckSentUs = NEVER;
  return true;
}

/** The SYN-ACK timer has expired (reqsk_timer_handler, syn_ack_recalc). */
export function onSynAckTimeout(sk: Sock): void {
  const { sysctls, phase } = sk.kernel;
  const asked = synAckExpired(sk, sysctls.tcp_synack_retries);
  const unsent = asked === SynAckStep.Resend && !repeatSynAck(sk) && !sk.requestAcked;
  if (asked === SynAckStep.Drop || unsent) {
    dropRequest(sk, 'RETRANSMISSION_TIMED_OUT');
    return;
  }
  sk.timeouts += 1;
  armWriteTimer(sk, Timer.SynAck, synAckDelayJ(sk, phase.hz));
}

/** A segment arrives for a request that waits for the last ACK of the handshake. */
export function receiveInSynReceived(sk: Sock, segment: Segment): void {
  if (segment.rst) {
    if (segment.seq === sk.rcvNxt) {
      dropRequest(sk, 'RCV_RST');
    }
    return;
  }
  if (segment.syn) {
    if (repeatSynAck(sk)) armWriteTimer(sk, Timer.SynAck, synAckDelayJ(sk, sk.kernel.phase.hz));
    return;
  }
  if (!segment.ack) return;
  if (segment.ackSeq !== 1) {
    answerWithReset(sk.kernel, segment);
    return;
  }
  if (segment.length === 0 && !segment.fin && sk.timeouts < sk.deferAccept) {
    sk.requestAcked = true;
    return;
  }
  clearWriteTimer(sk);
  // What is echoed from here on is this ACK's, not the SYN's (tcp_check_req).
  if (sk.timestamps && segment.timestampMs !== NEVER) sk.tsRecent = segment.timestampMs;
  sk.sndUna = 1;
  sk.sndWl1 = segment.seq;
  if (sk.synAckSentUs !== NEVER) takeSample(sk, sk.kernel.nowUs - sk.synAckSentUs);
  else sampleByTimestamp(sk, segment);
  sk.timeouts = 0;
  step(sk, 'RCV_ACK_OF_SYN');
  establish(sk, segment.windowBytes);
  if (segment.length > 0 || segment.fin) receiveSegment(sk, segment);
}

/** Whether the socket is past the handshake. */
export function isSynchronized(sk: Sock): boolean {
  return (
    sk.state !== TcpState.Close &&
    sk.state !== TcpState.Listen &&
    sk.state !== TcpState.SynSent &&
    sk.state !== TcpState.SynRecv
  );
}
