/**
 * The peer's window is shut and nothing is in flight: probe it, and know when to stop.
 *
 * Each answer, even "still shut", makes the peer alive, so without TCP_USER_TIMEOUT this never ends.
 * With it the clock `probesStampJ` starts at the first probe's expiry, and is only reset by an opening
 * for the whole first unsent buffer: a slow reader that opens a little is killed although it reads.
 * The same timer serves data that could not leave the own host at all.
 * Source: net/ipv4/tcp_timer.c tcp_probe_timer; tcp_output.c tcp_send_probe0, tcp_write_wakeup;
 * include/net/tcp.h tcp_probe0_when.
 */
import { MSS, PROBE_SHIFT_LIMIT, RESOURCE_PROBE_MS } from '../../model/linux/constants.ts';
import { giveUp } from './done.ts';
import { windowEnd } from './send-sequence.ts';
import { outOfResources } from './orphan-limit.ts';
import { probeBaseJ, sendHead } from './output.ts';
import { orphanRetries } from './retransmit-timeout.ts';
import { NEVER, Pending, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome, sendProbe, type OutcomeCode } from './transmit.ts';

/** tcp_probe0_when. */
function probeDelayJ(sk: Sock): number {
  const shift = Math.min(sk.backoff, PROBE_SHIFT_LIMIT);
  return Math.min(probeBaseJ(sk) * 2 ** shift, sk.rtoMaxJ);
}

/** tcp_clamp_probe0_to_user_timeout. */
function clampToUserTimeout(sk: Sock, delayJ: number): number {
  if (sk.userTimeoutMs === 0 || sk.probesStampJ === NEVER) return delayJ;
  const elapsedJ = sk.kernel.jiffies() - sk.probesStampJ;
  return Math.min(delayJ, Math.max(sk.kernel.ms(sk.userTimeoutMs) - elapsedJ, 2));
}

function armProbeTimer(sk: Sock, delayJ: number): void {
  armWriteTimer(sk, Pending.ZeroWindowProbe, clampToUserTimeout(sk, delayJ));
}

/** Waits for the next probe, from now. */
export function armClosedWindowTimer(sk: Sock): void {
  armProbeTimer(sk, probeDelayJ(sk));
}

/** tcp_write_wakeup: send what fits, or a bare probe. */
export function wakePeer(sk: Sock, why: string): OutcomeCode {
  if (sk.unsent.length > 0 && sk.sndNxt < windowEnd(sk)) {
    const bytes = Math.min(sk.unsent.first(), windowEnd(sk) - sk.sndNxt, MSS);
    return sendHead(sk, bytes, why);
  }
  return sendProbe(sk, why);
}

/** The probe timer has expired (tcp_probe_timer). */
export function onProbeTimeout(sk: Sock): void {
  const { kernel } = sk;
  if (sk.packetsOut > 0 || sk.unsent.length === 0) {
    sk.probesOut = 0;
    sk.probesStampJ = NEVER;
    return;
  }
  const nowJ = kernel.jiffies();
  if (sk.probesStampJ === NEVER) {
    sk.probesStampJ = nowJ;
  } else if (sk.userTimeoutMs > 0 && nowJ - sk.probesStampJ >= kernel.ms(sk.userTimeoutMs)) {
    giveUp(sk, 'USER_TIMED_OUT');
    return;
  }
  let most = kernel.sysctls.tcp_retries2;
  if (sk.orphan) {
    const alive = sk.rtoJ * 2 ** sk.backoff < sk.rtoMaxJ;
    most = orphanRetries(sk, alive);
    if (!alive && sk.backoff >= most) {
      giveUp(sk, 'ZERO_WINDOW_PROBES_EXHAUSTED');
      return;
    }
    if (outOfResources(sk, true)) return;
  }
  if (sk.probesOut >= most) giveUp(sk, 'ZERO_WINDOW_PROBES_EXHAUSTED');
  else sendWindowProbe(sk);
}

/** tcp_send_probe0. */
function sendWindowProbe(sk: Sock): void {
  const outcome = wakePeer(sk, 'window-probe');
  if (sk.packetsOut > 0 || sk.unsent.length === 0) {
    sk.probesOut = 0;
    sk.backoff = 0;
    sk.probesStampJ = NEVER;
    return;
  }
  sk.probesOut += 1;
  if (outcome === Outcome.Dropped) {
    armProbeTimer(sk, sk.kernel.ms(RESOURCE_PROBE_MS));
    return;
  }
  if (sk.backoff < sk.kernel.sysctls.tcp_retries2) sk.backoff += 1;
  armClosedWindowTimer(sk);
}
