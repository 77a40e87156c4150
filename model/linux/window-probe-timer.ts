/**
 * The zero-window probe timer's rules (persist timer) as steps on numbers: RFC 9293 §3.8.6.1, RFC 1122 §4.2.2.17. Data
 * waits, nothing is in flight, the window is shut.
 *
 * Each answer, even "still shut", makes the peer alive, so without TCP_USER_TIMEOUT this never ends. With it the clock
 * `probesStampJ` starts at the first expiry, and is only cleared by an opening for the whole first unsent buffer: a slow
 * reader that opens a little is killed although it reads.
 *
 * Source: net/ipv4/tcp_timer.c tcp_probe_timer, tcp_clamp_probe0_to_user_timeout; net/ipv4/tcp_output.c tcp_send_probe0;
 * include/net/tcp.h tcp_probe0_base, tcp_probe0_when.
 */
import { PROBE_BASE_MS, PROBE_SHIFT_LIMIT } from './constants.ts';
import { msToJiffies } from './jiffies.ts';
import { orphanRetries } from './orphan-retries.ts';
import type { Sysctls } from './sysctls.ts';

/** What of a socket the rules read. */
export interface WindowProbeTimer {
  readonly orphan: boolean;
  readonly softError: unknown;
  readonly rtoJ: number;
  readonly rtoMaxJ: number;
  readonly backoff: number;
  /** Probes that nobody has answered. */
  readonly probesOut: number;
  /** The first expiry since the window was last wide enough; −1 = none yet. */
  readonly probesStampJ: number;
  /** TCP_USER_TIMEOUT; 0 = not set. */
  readonly userTimeoutMs: number;
}

export const WindowProbeStep = {
  Probe: 0,
  UserTimeout: 1,
  /** The count of probes is reached. */
  NoProbesLeft: 2,
  /** An orphan whose interval has stopped growing: its count does not matter any more. */
  OrphanGivenUp: 3,
} as const;
export type WindowProbeStepCode = (typeof WindowProbeStep)[keyof typeof WindowProbeStep];

/** The timer has gone off (tcp_probe_timer), with data waiting and nothing in flight. */
export function windowProbeExpired(
  timer: WindowProbeTimer,
  nowJ: number,
  hz: number,
  sysctls: Sysctls,
): WindowProbeStepCode {
  const { userTimeoutMs, probesStampJ } = timer;
  const clockRuns = probesStampJ >= 0 && userTimeoutMs > 0;
  if (clockRuns && nowJ - probesStampJ >= msToJiffies(userTimeoutMs, hz)) {
    return WindowProbeStep.UserTimeout;
  }
  let most = sysctls.tcp_retries2;
  if (timer.orphan) {
    const alive = timer.rtoJ * 2 ** timer.backoff < timer.rtoMaxJ;
    most = orphanRetries(sysctls.tcp_orphan_retries, alive, timer.softError !== null);
    if (!alive && timer.backoff >= most) return WindowProbeStep.OrphanGivenUp;
  }
  return timer.probesOut >= most ? WindowProbeStep.NoProbesLeft : WindowProbeStep.Probe;
}

/** The back-off after a probe that left the host: `tcp_retries2` also caps how often the interval doubles. */
export function windowProbeBackoff(backoff: number, sysctls: Sysctls): number {
  return backoff < sysctls.tcp_retries2 ? backoff + 1 : backoff;
}

/** tcp_probe0_base. */
export function windowProbeBaseJ(rtoJ: number, hz: number): number {
  return Math.max(rtoJ, msToJiffies(PROBE_BASE_MS, hz));
}

/** tcp_probe0_when: the interval, doubled for each probe (RFC 1122 §4.2.2.17: it should grow exponentially). */
export function windowProbeIntervalJ(timer: WindowProbeTimer, hz: number): number {
  const shift = Math.min(timer.backoff, PROBE_SHIFT_LIMIT);
  return Math.min(windowProbeBaseJ(timer.rtoJ, hz) * 2 ** shift, timer.rtoMaxJ);
}

/** tcp_clamp_probe0_to_user_timeout: no later than the end of TCP_USER_TIMEOUT, and at least two jiffies. */
export function clampedWindowProbeJ(
  timer: WindowProbeTimer,
  delayJ: number,
  nowJ: number,
  hz: number,
): number {
  if (timer.userTimeoutMs === 0 || timer.probesStampJ < 0) return delayJ;
  const elapsedJ = nowJ - timer.probesStampJ;
  return Math.min(delayJ, Math.max(msToJiffies(timer.userTimeoutMs, hz) - elapsedJ, 2));
}
