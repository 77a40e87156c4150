/**
 * The retransmission timer of a socket (RFC 6298 §5): arming it for what is in flight, and what its expiry does: resend the
 * oldest segment, double the timeout, or give up. When and for how long is decided by model/linux/retransmit-timer.ts.
 *
 * Source: net/ipv4/tcp_timer.c tcp_retransmit_timer; net/ipv4/tcp_input.c tcp_rearm_rto.
 */
import {
  BackOff,
  backOff,
  backedOffJ,
  localRetryJ,
  orphanHasTimeLeft,
  rearmedJ,
  retransmitDelayJ,
  retransmitExpired,
  RetransmitStep,
  unbackedRtoJ,
  untilRetransmitUs,
} from '../../model/linux/retransmit-timer.ts';
import { Timer } from '../../model/linux/timers.ts';
import { giveUp } from './done.ts';
import { enterLoss } from './loss-recovery.ts';
import { outOfResources } from './orphan-limit.ts';
import { retransmit } from './retransmit.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import { armWriteTimer, clearWriteTimer } from './timers.ts';
import { Outcome } from './transmit.ts';
import { TcpState } from './types.ts';
import { takes } from '../../model/rare-paths.ts';

/** tcp_rearm_rto. */
export function rearmRetransmit(sk: Sock): void {
  if (sk.packetsOut === 0) {
    clearWriteTimer(sk);
    return;
  }
  const { hz } = sk.kernel.phase;
  const replaces = sk.pending === Timer.TailLossProbe || sk.pending === Timer.Reordering;
  const untilUs = replaces ? retransmitDueInUs(sk) : 0;
  armWriteTimer(sk, Timer.Retransmit, rearmedJ(sk.rtoJ, replaces, untilUs, hz));
}

/** From now to the timeout of the oldest segment; negative when it has passed. */
export function retransmitDueInUs(sk: Sock): number {
  const { phase, nowUs } = sk.kernel;
  return untilRetransmitUs(sk.rtx.sentUs(0), sk.rtoJ, phase.tickUs, nowUs);
}

/** The timer has expired (tcp_retransmit_timer). */
export function onRetransmitTimeout(sk: Sock): void {
  if (sk.packetsOut === 0) return;
  sk.tlpHighSeq = NEVER;
  const { kernel } = sk;
  const { sysctls } = kernel;
  const { hz } = kernel.phase;
  const nowMs = kernel.clockMs();
  const synSent = sk.state === TcpState.SynSent;
  if (sk.orphan && !synSent) {
    if (outOfResources(sk, orphanHasTimeLeft(sk, nowMs, sysctls))) return;
  }
  const headSentMs = kernel.clockMsAt(sk.rtx.sentUs(0));
  const step = retransmitExpired(sk, synSent, headSentMs, nowMs, hz, sysctls);
  if (step === RetransmitStep.GiveUp) {
    giveUp(sk, sk.userTimeoutMs > 0 ? 'USER_TIMED_OUT' : 'RETRANSMISSION_TIMED_OUT');
    return;
  }
  enterLoss(sk);
  if (step === RetransmitStep.ProbeShutWindow) {
    takes('retransmission-as-window-probe');
    retransmit(sk, 0, 'window-probe');
  } else {
    sk.retransmits += 1;
    sk.timeouts += 1;
    if (retransmit(sk, 0, synSent ? 'syn' : 'rto') === Outcome.Dropped) {
      takes('retransmission-not-let-out');
      // A shortage of the own host says nothing about the network.
      armWriteTimer(sk, Timer.Retransmit, localRetryJ(hz));
      return;
    }
  }
  backOffTimeout(sk, synSent);
  const sinceMs = nowMs - sk.retransStampMs;
  armWriteTimer(sk, Timer.Retransmit, retransmitDelayJ(sk.rtoJ, sk.userTimeoutMs, sinceMs, hz));
}

function backOffTimeout(sk: Sock, synSent: boolean): void {
  const established = sk.state === TcpState.Established;
  switch (backOff(sk, established, synSent, sk.kernel.sysctls)) {
    case BackOff.StartsOver:
      takes('timeout-not-doubled');
      sk.backoff = 0;
      sk.rtoJ = unbackedRtoJ(sk, sk.kernel.phase.hz);
      return;
    case BackOff.Doubles:
      sk.backoff += 1;
      sk.rtoJ = backedOffJ(sk.rtoJ, sk.rtoMaxJ);
      return;
    case BackOff.Stays:
  }
}
