/**
 * TIME_WAIT (RFC 9293 §3.6.1, RFC 1337), and the light sock that is left of a connection in it: 60 s, whatever
 * `tcp_fin_timeout` says (model/linux/close-timers.ts).
 *
 * Source: net/ipv4/tcp_minisocks.c tcp_time_wait, tcp_timewait_state_process.
 */
import { lightSockJ } from '../../model/linux/close-timers.ts';
import { forget } from './done.ts';
import { endSeq } from '../network/segment.ts';
import type { Segment } from '../network/segment.ts';
import { rateLimited } from './sequence-check.ts';
import { step } from './state.ts';
import { SockKind, type Sock } from './tcp-sock.ts';
import { armKeepaliveTimer, stopAllTimers } from './timers.ts';
import { sendTimeWaitAck } from './transmit.ts';
import { TcpState } from './types.ts';
import { takes } from '../../model/rare-paths.ts';

/** Becomes a light sock for `durationJ` (tcp_time_wait), in FIN_WAIT2 or in TIME_WAIT. */
export function shrink(sk: Sock, durationJ: number): void {
  stopAllTimers(sk);
  sk.kind = SockKind.TimeWait;
  if (sk.orphan) sk.receiveQueue.clear();
  armKeepaliveTimer(sk, lightSockJ(sk, durationJ));
}

/** Both FINs are acknowledged, ours last seen (the machine is in TIME_WAIT). */
export function enterTimeWait(sk: Sock): void {
  shrink(sk, sk.kernel.timeWaitJ);
}

/** The light sock's timer has expired. */
export function onTimeWaitTimeout(sk: Sock): void {
  step(sk, sk.state === TcpState.TimeWait ? 'TIME_WAIT_EXPIRED' : 'FIN_WAIT2_TIMED_OUT');
  leaveTimeWait(sk);
}

/** The light sock goes; the descriptor, if a process still has it, stays as a closed one. */
export function leaveTimeWait(sk: Sock): void {
  stopAllTimers(sk);
  if (sk.orphan) forget(sk);
  else sk.kind = SockKind.Full;
}

/** tcp_timewait_check_oow_rate_limit: answered with an ACK, empty ones at most every tcp_invalid_ratelimit. */
export function answerInTimeWait(sk: Sock, segment: Segment): void {
  const empty = endSeq(segment) === segment.seq || segment.syn;
  if (!empty || !rateLimited(sk)) sendTimeWaitAck(sk);
}

/** A segment arrives in TIME_WAIT (tcp_timewait_state_process). */
export function receiveInTimeWait(sk: Sock, segment: Segment): void {
  const empty = endSeq(segment) === segment.seq;
  if (segment.seq === sk.rcvNxt && (empty || segment.rst)) {
    if (!segment.rst) {
      armKeepaliveTimer(sk, sk.kernel.timeWaitJ);
    } else if (sk.kernel.sysctls.tcp_rfc1337 === 0) {
      takes('time-wait-assassinated');
      step(sk, 'RCV_RST');
      leaveTimeWait(sk);
    }
    return;
  }
  if (segment.rst) return;
  // Whatever else comes is acknowledged, and what carries an ACK starts the 60 s again: a FIN, a keepalive probe.
  if (segment.fin) step(sk, 'RCV_FIN');
  if (segment.ack) {
    takes('time-wait-starts-again');
    armKeepaliveTimer(sk, sk.kernel.timeWaitJ);
  }
  answerInTimeWait(sk, segment);
}
