/**
 * The retransmission timeout: resend the oldest segment, double the timeout, and give up when the
 * time since the first retransmission says so.
 *
 * `tcp_retries2`, `tcp_orphan_retries` and TCP_USER_TIMEOUT are all times measured from
 * `retransStampMs`, the first retransmission of the episode, and all are looked at only when this
 * timer fires. Source: net/ipv4/tcp_timer.c tcp_retransmit_timer, tcp_write_timeout,
 * retransmits_timed_out, tcp_clamp_rto_to_user_timeout.
 */
import { rtoJiffies } from '../../model/linux/estimator.ts';
import {
  backedOffJ,
  givesUpAfterMs,
  retransmitDelayJ,
} from '../../model/linux/retransmit-timer.ts';
import { SYN_MODEL_BASE_MS } from '../../model/linux/timeout-model.ts';
import {
  INFINITE_SSTHRESH,
  RESOURCE_PROBE_MS,
  THIN_LINEAR_RETRIES,
} from '../../model/linux/constants.ts';
import { giveUp } from './done.ts';
import { enterLoss } from './loss.ts';
import { outOfResources } from './orphan-limit.ts';
import { retransmit } from './retransmit.ts';
import { NEVER, Pending, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome } from './transmit.ts';
import { TcpState } from './types.ts';

/** retransmits_timed_out: the time model of `boundary` retries, or `customMs` in its place. */
function timedOut(sk: Sock, boundary: number, customMs: number): boolean {
  if (sk.retransmits === 0) return false;
  const synState = sk.state === TcpState.SynSent || sk.state === TcpState.SynRecv;
  const baseMs = synState ? SYN_MODEL_BASE_MS : undefined;
  const limitMs = givesUpAfterMs(customMs, boundary, sk.rtoMaxMs, baseMs);
  return sk.kernel.clockMs() - sk.retransStampMs >= limitMs;
}

/** tcp_orphan_retries: 0 means 8 while the timeout still grows, and none once it has stopped. */
export function orphanRetries(sk: Sock, alive: boolean): number {
  const configured = sk.kernel.sysctls.tcp_orphan_retries;
  const retries = sk.softError !== null && !alive ? 0 : configured;
  return retries === 0 && alive ? 8 : retries;
}

/** What an orphan over tcp_max_orphans ends as: with a reset as long as its own time is not up. */
function orphanOutOfResources(sk: Sock): boolean {
  const alive = sk.rtoJ < sk.rtoMaxJ;
  return outOfResources(sk, alive || !timedOut(sk, orphanRetries(sk, alive), 0));
}

/** tcp_write_timeout: is it over? */
function writeTimeout(sk: Sock): boolean {
  const { sysctls } = sk.kernel;
  if (sk.state === TcpState.SynSent) {
    const retries = sk.synCount > 0 ? sk.synCount : sysctls.tcp_syn_retries;
    const most = retries + sysctls.tcp_syn_linear_timeouts;
    return sk.retransmits >= most || timedOut(sk, retries, sk.userTimeoutMs);
  }
  let retries = sysctls.tcp_retries2;
  if (sk.orphan) retries = orphanRetries(sk, sk.rtoJ < sk.rtoMaxJ);
  return timedOut(sk, retries, sk.userTimeoutMs);
}

/** tcp_rtx_probe0_timed_out: data in flight towards a peer that has shut its window. */
function shutWindowTimedOut(sk: Sock): boolean {
  const { kernel } = sk;
  const headMs = Math.floor((sk.rtx.sentUs(0) + kernel.phase.sinceTickUs) / 1000);
  const stampMs = sk.retransStampMs === NEVER ? headMs : sk.retransStampMs;
  const retransmittingMs = kernel.clockMs() - stampMs;
  const userTimeoutMs = sk.userTimeoutMs;
  if (userTimeoutMs > 0 && retransmittingMs > userTimeoutMs) return true;
  let limitJ = 2 * sk.rtoMaxJ;
  if (userTimeoutMs > 0) limitJ = Math.min(limitJ, kernel.ms(userTimeoutMs));
  const silentJ = sk.writeExpiryJ - sk.lastAckRecvJ;
  return silentJ > limitJ && kernel.ms(retransmittingMs) > limitJ;
}

/** tcp_clamp_rto_to_user_timeout: the last timer is cut short so that the user timeout is met. */
function clampedRtoJ(sk: Sock): number {
  const sinceMs = sk.kernel.clockMs() - sk.retransStampMs;
  return retransmitDelayJ(sk.rtoJ, sk.userTimeoutMs, sinceMs, sk.kernel.phase.hz);
}

/** Thin streams may retry six times without doubling (tcp_stream_is_thin). */
function staysLinear(sk: Sock): boolean {
  const on = sk.thinLinear || sk.kernel.sysctls.tcp_thin_linear_timeouts === 1;
  const thin = sk.packetsOut < 4 && sk.ssthresh < INFINITE_SSTHRESH;
  return on && thin && sk.state === TcpState.Established && sk.retransmits <= THIN_LINEAR_RETRIES;
}

function backOff(sk: Sock): void {
  if (staysLinear(sk)) {
    sk.backoff = 0;
    sk.rtoJ = Math.min(rtoJiffies(sk, sk.kernel.phase.hz), sk.rtoMaxJ);
  } else if (
    sk.state !== TcpState.SynSent ||
    sk.timeouts > sk.kernel.sysctls.tcp_syn_linear_timeouts
  ) {
    sk.backoff += 1;
    sk.rtoJ = backedOffJ(sk.rtoJ, sk.rtoMaxJ);
  }
}

/** The retransmission timer has expired (tcp_retransmit_timer). */
export function onRetransmitTimeout(sk: Sock): void {
  if (sk.packetsOut === 0) return;
  sk.tlpHighSeq = NEVER;
  const synState = sk.state === TcpState.SynSent || sk.state === TcpState.SynRecv;
  if (sk.sndWnd === 0 && !sk.orphan && !synState) {
    if (shutWindowTimedOut(sk)) {
      giveUp(sk, sk.userTimeoutMs > 0 ? 'USER_TIMED_OUT' : 'RETRANSMISSION_TIMED_OUT');
      return;
    }
    enterLoss(sk);
    retransmit(sk, 0, 'window-probe');
    backOff(sk);
    armWriteTimer(sk, Pending.Retransmit, clampedRtoJ(sk));
    return;
  }
  if (sk.orphan && !synState && orphanOutOfResources(sk)) return;
  if (writeTimeout(sk)) {
    giveUp(sk, sk.userTimeoutMs > 0 ? 'USER_TIMED_OUT' : 'RETRANSMISSION_TIMED_OUT');
    return;
  }
  enterLoss(sk);
  sk.retransmits += 1;
  sk.timeouts += 1;
  if (retransmit(sk, 0, synState ? 'syn' : 'rto') === Outcome.Dropped) {
    // A shortage of the own host says nothing about the network: no back-off, and no user timeout's clamp.
    armWriteTimer(sk, Pending.Retransmit, sk.kernel.ms(RESOURCE_PROBE_MS));
    return;
  }
  backOff(sk);
  armWriteTimer(sk, Pending.Retransmit, clampedRtoJ(sk));
}
