/**
 * FIN_WAIT2 of an orphan: our FIN is acknowledged, nobody holds the descriptor, and the peer has not closed. How long it
 * lasts, `tcp_fin_timeout` in two regimes, is decided by model/linux/close-timers.ts. RFC 9293 knows no such limit; a
 * process that keeps the descriptor waits for ever. Data that still comes is answered with a reset (RFC 1122 §4.2.2.13).
 *
 * Source: net/ipv4/tcp_input.c tcp_rcv_state_process; net/ipv4/tcp_timer.c tcp_keepalive_timer; net/ipv4/tcp_minisocks.c
 * tcp_timewait_state_process.
 */
import {
  finTimeJ,
  finWait2Begins,
  finWait2RestJ,
  FinWait2Step,
  finWait2WaitJ,
} from '../../model/linux/close-timers.ts';
import { endSeq } from '../network/segment.ts';
import type { Segment } from '../network/segment.ts';
import { forget } from './done.ts';
import { step } from './state.ts';
import type { Sock } from './tcp-sock.ts';
import { answerInTimeWait, leaveTimeWait, shrink } from './time-wait.ts';
import { armKeepaliveTimer } from './timers.ts';
import { answerWithReset, sendReset, sendTimeWaitAck } from './transmit.ts';

function finTimeoutJ(sk: Sock): number {
  return sk.kernel.ms(sk.kernel.sysctls.tcp_fin_timeout * 1000);
}

/** Nobody waits for the peer's FIN: TCP_LINGER2 is negative, or its time is up. */
function refuse(sk: Sock): void {
  sendReset(sk, 'reset');
  step(sk, 'FIN_WAIT2_REFUSED');
  forget(sk);
}

/** Our FIN is acknowledged and nobody holds the descriptor. `withFin`: a FIN came in the same segment. */
export function orphanInFinWait2(sk: Sock, withFin: boolean): void {
  const timeoutJ = finTimeoutJ(sk);
  const { timeWaitJ } = sk.kernel;
  switch (finWait2Begins(sk, withFin, timeoutJ, timeWaitJ)) {
    case FinWait2Step.Reset:
      refuse(sk);
      return;
    case FinWait2Step.Wait:
      armKeepaliveTimer(sk, finWait2WaitJ(sk, timeoutJ, timeWaitJ));
      return;
    case FinWait2Step.Shrink:
      step(sk, 'FIN_WAIT2_SHRUNK');
      shrink(sk, finTimeJ(sk, timeoutJ));
  }
}

/** The timer of a full orphan in FIN_WAIT2 has expired: the light sock gets the rest. */
export function onFinWait2Timeout(sk: Sock): void {
  const restJ = finWait2RestJ(sk, finTimeoutJ(sk), sk.kernel.timeWaitJ);
  if (restJ <= 0) {
    refuse(sk);
    return;
  }
  step(sk, 'FIN_WAIT2_TIMED_OUT');
  shrink(sk, restJ);
}

/** tcp_in_window. */
function isInWindow(sk: Sock, segment: Segment): boolean {
  const end = endSeq(segment);
  const windowEnd = sk.rcvNxt + sk.rcvWnd;
  if (segment.seq === sk.rcvNxt) return true;
  if (end > sk.rcvNxt && segment.seq < windowEnd) return true;
  return segment.seq === windowEnd && segment.seq === end;
}

/** A segment arrives for a light sock in FIN_WAIT2. */
export function receiveInLightFinWait2(sk: Sock, segment: Segment): void {
  const end = endSeq(segment);
  if (!isInWindow(sk, segment)) {
    answerInTimeWait(sk, segment);
    return;
  }
  if (segment.rst) {
    step(sk, 'RCV_RST');
    leaveTimeWait(sk);
    return;
  }
  if (!segment.ack || end <= sk.rcvNxt || end === segment.seq) return;
  if (!segment.fin || end !== sk.rcvNxt + 1) {
    // New data for a connection that nobody will read (TCP_TW_RST).
    answerWithReset(sk.kernel, segment);
    step(sk, 'RCV_DATA_AFTER_CLOSE');
    leaveTimeWait(sk);
    return;
  }
  sk.rcvNxt = end;
  step(sk, 'RCV_FIN');
  armKeepaliveTimer(sk, sk.kernel.timeWaitJ);
  sendTimeWaitAck(sk);
}
