/**
 * FIN_WAIT2 of an orphan and TIME_WAIT: the light socks that are left of a connection.
 *
 * `tcp_fin_timeout` up to 60 s is the life of a light FIN_WAIT2 sock. Above 60 s the full socket
 * waits for the part beyond 60 s, and the light one then takes only that same part again, so the total
 * is 2·(F − 60), shorter than F. TIME_WAIT is 60 s whatever that setting says.
 * Source: include/net/tcp.h tcp_fin_time; tcp_minisocks.c tcp_time_wait, tcp_timewait_state_process.
 */
import { rateLimited } from './sequence-check.ts';
import { forget } from './done.ts';
import { endSeq } from '../network/segment.ts';
import { SockKind, type Sock } from './tcp-sock.ts';
import { step } from './state.ts';
import { armKeepaliveTimer, stopAllTimers } from './timers.ts';
import { answerWithReset, sendReset, sendTimeWaitAck } from './transmit.ts';
import { TcpState } from './types.ts';
import type { Segment } from '../network/segment.ts';

/** tcp_fin_time: TCP_LINGER2 or tcp_fin_timeout, at least 3.5 RTO. */
function finTimeJ(sk: Sock): number {
  const configuredJ =
    sk.linger2J > 0 ? sk.linger2J : sk.kernel.ms(sk.kernel.sysctls.tcp_fin_timeout * 1000);
  return Math.max(configuredJ, shortestJ(sk));
}

/** Three and a half timeouts. */
function shortestJ(sk: Sock): number {
  return sk.rtoJ * 4 - (sk.rtoJ >> 1);
}

/** Becomes a light sock for `durationJ` (tcp_time_wait). */
function shrink(sk: Sock, durationJ: number): void {
  stopAllTimers(sk);
  sk.kind = SockKind.TimeWait;
  if (sk.orphan) sk.receiveQueue.clear();
  armKeepaliveTimer(sk, Math.max(durationJ, shortestJ(sk)));
}

/** Our FIN is acknowledged and nobody holds the descriptor. `withFin`: a FIN came in the same segment. */
export function orphanInFinWait2(sk: Sock, withFin: boolean): void {
  if (sk.linger2J < 0) {
    sendReset(sk, 'reset');
    step(sk, 'FIN_WAIT2_REFUSED');
    forget(sk);
    return;
  }
  const finJ = finTimeJ(sk);
  const { timeWaitJ } = sk.kernel;
  if (finJ > timeWaitJ) armKeepaliveTimer(sk, finJ - timeWaitJ);
  else if (withFin) armKeepaliveTimer(sk, finJ);
  else {
    step(sk, 'FIN_WAIT2_SHRUNK');
    shrink(sk, finJ);
  }
}

/** The timer of a full orphan in FIN_WAIT2 has expired: the light sock gets the rest. */
export function onFinWait2Timeout(sk: Sock): void {
  const restJ = finTimeJ(sk) - sk.kernel.timeWaitJ;
  if (restJ > 0) {
    step(sk, 'FIN_WAIT2_TIMED_OUT');
    shrink(sk, restJ);
    return;
  }
  sendReset(sk, 'reset');
  step(sk, 'FIN_WAIT2_REFUSED');
  forget(sk);
}

/** Both FINs are acknowledged, ours last seen (the machine is in TIME_WAIT). */
export function enterTimeWait(sk: Sock): void {
  shrink(sk, sk.kernel.timeWaitJ);
}

/** The light sock's timer has expired. */
export function onTimeWaitTimeout(sk: Sock): void {
  step(sk, sk.state === TcpState.TimeWait ? 'TIME_WAIT_EXPIRED' : 'FIN_WAIT2_TIMED_OUT');
  leave(sk);
}

/** The light sock goes; the descriptor, if a process still has it, stays as a closed one. */
function leave(sk: Sock): void {
  stopAllTimers(sk);
  if (sk.orphan) forget(sk);
  else sk.kind = SockKind.Full;
}

/** tcp_timewait_check_oow_rate_limit: answered with an ACK, empty ones at most every tcp_invalid_ratelimit. */
function answer(sk: Sock, segment: Segment): void {
  const empty = endSeq(segment) === segment.seq || segment.syn;
  if (!empty || !rateLimited(sk)) sendTimeWaitAck(sk);
}

/** A segment arrives for a light sock (tcp_timewait_state_process). */
export function receiveInTimeWait(sk: Sock, segment: Segment): void {
  if (sk.state === TcpState.FinWait2) {
    receiveInLightFinWait2(sk, segment);
    return;
  }
  const empty = endSeq(segment) === segment.seq;
  if (segment.seq === sk.rcvNxt && (empty || segment.rst)) {
    if (!segment.rst) {
      armKeepaliveTimer(sk, sk.kernel.timeWaitJ);
    } else if (sk.kernel.sysctls.tcp_rfc1337 === 0) {
      // TIME_WAIT assassination, RFC 1337.
      step(sk, 'RCV_RST');
      leave(sk);
    }
    return;
  }
  if (segment.rst) return;
  // Whatever else comes is acknowledged, and what carries an ACK starts the 60 s again: a FIN, a keepalive probe.
  if (segment.fin) step(sk, 'RCV_FIN');
  if (segment.ack) armKeepaliveTimer(sk, sk.kernel.timeWaitJ);
  answer(sk, segment);
}

/** tcp_in_window. */
function isInWindow(sk: Sock, segment: Segment): boolean {
  const end = endSeq(segment);
  const windowEnd = sk.rcvNxt + sk.rcvWnd;
  if (segment.seq === sk.rcvNxt) return true;
  if (end > sk.rcvNxt && segment.seq < windowEnd) return true;
  return segment.seq === windowEnd && segment.seq === end;
}

function receiveInLightFinWait2(sk: Sock, segment: Segment): void {
  const end = endSeq(segment);
  if (!isInWindow(sk, segment)) {
    answer(sk, segment);
    return;
  }
  if (segment.rst) {
    step(sk, 'RCV_RST');
    leave(sk);
    return;
  }
  if (!segment.ack || end <= sk.rcvNxt || end === segment.seq) return;
  if (!segment.fin || end !== sk.rcvNxt + 1) {
    // New data for a connection that nobody will read (TCP_TW_RST).
    answerWithReset(sk.kernel, segment);
    step(sk, 'RCV_DATA_AFTER_CLOSE');
    leave(sk);
    return;
  }
  sk.rcvNxt = end;
  step(sk, 'RCV_FIN');
  armKeepaliveTimer(sk, sk.kernel.timeWaitJ);
  sendTimeWaitAck(sk);
}
