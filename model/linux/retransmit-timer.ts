/**
 * The retransmission timer's rules as steps on numbers (RFC 6298 §5, RFC 9293 §3.8.1, RFC 1122 §4.2.3.5): what an expiry
 * brings, how the timeout backs off, how long it may go on, and how TCP_USER_TIMEOUT cuts the last wait short.
 *
 * `tcp_retries2`, `tcp_orphan_retries` and TCP_USER_TIMEOUT are all times since the first retransmission of the episode
 * (`retransStampMs`), and all are compared only when this timer goes off.
 *
 * Source: net/ipv4/tcp_timer.c tcp_retransmit_timer, tcp_write_timeout, retransmits_timed_out, tcp_rtx_probe0_timed_out,
 * tcp_clamp_rto_to_user_timeout; net/ipv4/tcp_input.c tcp_rearm_rto.
 */
import {
  INFINITE_SSTHRESH,
  INITIAL_RTO_MS,
  RESOURCE_PROBE_MS,
  THIN_LINEAR_RETRIES,
} from './constants.ts';
import { rtoJiffies, type RttState } from './estimator.ts';
import { msToJiffies, usToJiffies } from './jiffies.ts';
import { orphanRetries } from './orphan-retries.ts';
import type { Sysctls } from './sysctls.ts';
import { SYN_MODEL_BASE_MS, timeoutModelMs } from './timeout-model.ts';

/** What of a socket the rules read. */
export interface RetransmitTimer extends RttState {
  readonly orphan: boolean;
  /** tcp_orphan_retries takes an error for a hint that the peer is gone. */
  readonly softError: unknown;
  readonly sndWnd: number;
  readonly packetsOut: number;
  readonly ssthresh: number;
  /** Timeouts since snd_una last moved; all timeouts of the connection. */
  readonly retransmits: number;
  readonly timeouts: number;
  readonly backoff: number;
  readonly rtoJ: number;
  readonly rtoMaxJ: number;
  readonly rtoMaxMs: number;
  /** First retransmission of the episode; −1 = none yet. */
  readonly retransStampMs: number;
  readonly writeExpiryJ: number;
  readonly lastAckRecvJ: number;
  /** TCP_USER_TIMEOUT, TCP_SYNCNT and TCP_THIN_LINEAR_TIMEOUTS; 0 or false = not set. */
  readonly userTimeoutMs: number;
  readonly synCount: number;
  readonly thinLinear: boolean;
}

export const RetransmitStep = {
  /** The oldest segment is sent again. */
  Retransmit: 0,
  /** The same as a probe of a window that has been shut over data in flight: it does not count as a retry. */
  ProbeShutWindow: 1,
  GiveUp: 2,
} as const;
export type RetransmitStepCode = (typeof RetransmitStep)[keyof typeof RetransmitStep];

/**
 * The timer has gone off (tcp_retransmit_timer).
 *
 * @param synSent in SYN_SENT, where the count of RFC 1122 §4.2.3.5 is that of the SYN
 * @param headSentMs when the oldest segment was last sent
 */
export function retransmitExpired(
  timer: RetransmitTimer,
  synSent: boolean,
  headSentMs: number,
  nowMs: number,
  hz: number,
  sysctls: Sysctls,
): RetransmitStepCode {
  if (timer.sndWnd === 0 && !timer.orphan && !synSent) {
    return shutWindowTimedOut(timer, headSentMs, nowMs, hz)
      ? RetransmitStep.GiveUp
      : RetransmitStep.ProbeShutWindow;
  }
  const over = synSent ? synTimedOut(timer, nowMs, sysctls) : dataTimedOut(timer, nowMs, sysctls);
  return over ? RetransmitStep.GiveUp : RetransmitStep.Retransmit;
}

/** tcp_write_timeout in SYN_SENT: a count, and the time that the count stands for (RFC 9293 §3.8.3 R2). */
function synTimedOut(timer: RetransmitTimer, nowMs: number, sysctls: Sysctls): boolean {
  const retries = timer.synCount > 0 ? timer.synCount : sysctls.tcp_syn_retries;
  const most = retries + sysctls.tcp_syn_linear_timeouts;
  return (
    timer.retransmits >= most ||
    timedOut(timer, retries, timer.userTimeoutMs, nowMs, SYN_MODEL_BASE_MS)
  );
}

/** tcp_write_timeout from ESTABLISHED on. */
function dataTimedOut(timer: RetransmitTimer, nowMs: number, sysctls: Sysctls): boolean {
  let retries = sysctls.tcp_retries2;
  if (timer.orphan) {
    const alive = timer.rtoJ < timer.rtoMaxJ;
    retries = orphanRetries(sysctls.tcp_orphan_retries, alive, timer.softError !== null);
  }
  return timedOut(timer, retries, timer.userTimeoutMs, nowMs);
}

/** Whether an orphan still has time of its own, whatever TCP_USER_TIMEOUT says (tcp_write_timeout, do_reset). */
export function orphanHasTimeLeft(
  timer: RetransmitTimer,
  nowMs: number,
  sysctls: Sysctls,
): boolean {
  const alive = timer.rtoJ < timer.rtoMaxJ;
  const retries = orphanRetries(sysctls.tcp_orphan_retries, alive, timer.softError !== null);
  return alive || !timedOut(timer, retries, 0, nowMs);
}

/** retransmits_timed_out: the time that `retries` stand for, or `customMs` in its place. */
function timedOut(
  timer: RetransmitTimer,
  retries: number,
  customMs: number,
  nowMs: number,
  modelBaseMs?: number,
): boolean {
  if (timer.retransmits === 0) return false;
  const limitMs = givesUpAfterMs(customMs, retries, timer.rtoMaxMs, modelBaseMs);
  return nowMs - timer.retransStampMs >= limitMs;
}

/** tcp_rtx_probe0_timed_out: data in flight towards a peer that has shut its window (RFC 9293 §3.8.6). */
function shutWindowTimedOut(
  timer: RetransmitTimer,
  headSentMs: number,
  nowMs: number,
  hz: number,
): boolean {
  const { userTimeoutMs } = timer;
  const sinceMs = nowMs - (timer.retransStampMs < 0 ? headSentMs : timer.retransStampMs);
  if (userTimeoutMs > 0 && sinceMs > userTimeoutMs) return true;
  let limitJ = 2 * timer.rtoMaxJ;
  if (userTimeoutMs > 0) limitJ = Math.min(limitJ, msToJiffies(userTimeoutMs, hz));
  return timer.writeExpiryJ - timer.lastAckRecvJ > limitJ && msToJiffies(sinceMs, hz) > limitJ;
}

/**
 * Time since the first retransmission from which an expiry gives the connection up, ms.
 *
 * @param userTimeoutMs TCP_USER_TIMEOUT, which takes the place of the count; 0 = not set
 * @param retries `tcp_retries2`, `tcp_orphan_retries` or a SYN count, which stand for a time
 */
export function givesUpAfterMs(
  userTimeoutMs: number,
  retries: number,
  rtoMaxMs: number,
  modelBaseMs?: number,
): number {
  return userTimeoutMs > 0 ? userTimeoutMs : timeoutModelMs(retries, rtoMaxMs, modelBaseMs);
}

/** The timeout after one more expiry (RFC 6298 §5.5). */
export function backedOffJ(rtoJ: number, rtoMaxJ: number): number {
  return Math.min(rtoJ * 2, rtoMaxJ);
}

export const BackOff = { Doubles: 0, Stays: 1, StartsOver: 2 } as const;
export type BackOffCode = (typeof BackOff)[keyof typeof BackOff];

/** Whether this expiry backs off: not the first SYN timeouts, and not the first six of a thin stream (tcp_stream_is_thin). */
export function backOff(
  timer: RetransmitTimer,
  established: boolean,
  synSent: boolean,
  sysctls: Sysctls,
): BackOffCode {
  const linear = timer.thinLinear || sysctls.tcp_thin_linear_timeouts === 1;
  const thin = timer.packetsOut < 4 && timer.ssthresh < INFINITE_SSTHRESH;
  if (linear && thin && established && timer.retransmits <= THIN_LINEAR_RETRIES) {
    return BackOff.StartsOver;
  }
  const first = synSent && timer.timeouts <= sysctls.tcp_syn_linear_timeouts;
  return first ? BackOff.Stays : BackOff.Doubles;
}

/** The timeout as the estimator has it, without back-off (RFC 6298 §2). */
export function unbackedRtoJ(timer: RttState & { readonly rtoMaxJ: number }, hz: number): number {
  return Math.min(rtoJiffies(timer, hz), timer.rtoMaxJ);
}

/** The timeout after a back-off has been taken back because a router has said that the peer cannot be reached (RFC 6069 §4.2). */
export function revertedRtoJ(
  timer: RttState & { readonly backoff: number; readonly rtoMaxJ: number },
  hz: number,
): number {
  const baseJ = timer.srtt8 > 0 ? rtoJiffies(timer, hz) : msToJiffies(INITIAL_RTO_MS, hz);
  return Math.min(baseJ * 2 ** timer.backoff, timer.rtoMaxJ);
}

/**
 * The wait after a retransmission: the timeout, or what is left of TCP_USER_TIMEOUT (tcp_clamp_rto_to_user_timeout).
 *
 * @param sinceMs since the first retransmission
 * @param userTimeoutMs 0 = not set
 */
export function retransmitDelayJ(
  rtoJ: number,
  userTimeoutMs: number,
  sinceMs: number,
  hz: number,
): number {
  if (userTimeoutMs === 0) return rtoJ;
  const leftMs = userTimeoutMs - sinceMs;
  return leftMs <= 0 ? 1 : Math.min(rtoJ, msToJiffies(leftMs, hz));
}

/** The wait after a transmission that the own host dropped: no back-off, and no clamp (TCP_RESOURCE_PROBE_INTERVAL). */
export function localRetryJ(hz: number): number {
  return msToJiffies(RESOURCE_PROBE_MS, hz);
}

/**
 * tcp_rto_delta_us: from now to the timeout of the oldest segment, µs; negative when it has passed.
 *
 * @param headSentUs when the oldest segment was last sent
 */
export function untilRetransmitUs(
  headSentUs: number,
  rtoJ: number,
  tickUs: number,
  nowUs: number,
): number {
  return headSentUs + rtoJ * tickUs - nowUs;
}

/**
 * tcp_rearm_rto: the timeout anew (RFC 6298 §5.3); where it takes the place of a tail loss probe or a reordering timer, only
 * what is left of it since the oldest segment was sent.
 */
export function rearmedJ(
  rtoJ: number,
  replacesProbe: boolean,
  untilUs: number,
  hz: number,
): number {
  return replacesProbe ? usToJiffies(Math.max(untilUs, 1), hz) : rtoJ;
}
