/**
 * Zero-window probes (RFC 9293 §3.8.6.1, RFC 1122 §4.2.2.17): the peer's window is shut, data waits and nothing is in
 * flight. When a probe is sent and when probing ends is decided by model/linux/window-probe-timer.ts. The same timer serves
 * data that could not leave the own host at all.
 *
 * Source: net/ipv4/tcp_timer.c tcp_probe_timer; net/ipv4/tcp_output.c tcp_send_probe0, tcp_write_wakeup.
 */
import { localRetryJ } from '../../model/linux/retransmit-timer.ts';
import { Timer } from '../../model/linux/timers.ts';
import {
  clampedWindowProbeJ,
  windowProbeBackoff,
  windowProbeExpired,
  windowProbeIntervalJ,
  WindowProbeStep,
} from '../../model/linux/window-probe-timer.ts';
import { giveUp } from './done.ts';
import { windowEnd } from './send-sequence.ts';
import { outOfResources } from './orphan-limit.ts';
import { sendHead } from './output.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome, sendProbe, type OutcomeCode } from './transmit.ts';
import { takes } from '../../model/rare-paths.ts';

function armProbeTimer(sk: Sock, delayJ: number): void {
  const { kernel } = sk;
  const clampedJ = clampedWindowProbeJ(sk, delayJ, kernel.jiffies(), kernel.phase.hz);
  armWriteTimer(sk, Timer.WindowProbe, clampedJ);
}

/** Waits for the next probe, from now. */
export function armClosedWindowTimer(sk: Sock): void {
  armProbeTimer(sk, windowProbeIntervalJ(sk, sk.kernel.phase.hz));
}

/** tcp_write_wakeup: send what fits, or a bare probe. */
export function wakePeer(sk: Sock, why: string): OutcomeCode {
  if (sk.unsent.length > 0 && sk.sndNxt < windowEnd(sk)) {
    const bytes = Math.min(sk.unsent.first(), windowEnd(sk) - sk.sndNxt, sk.mss);
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
  const step = windowProbeExpired(sk, nowJ, kernel.phase.hz, kernel.sysctls);
  if (sk.probesStampJ === NEVER) sk.probesStampJ = nowJ;
  if (step === WindowProbeStep.UserTimeout) {
    takes('user-timeout-behind-shut-window');
    giveUp(sk, 'USER_TIMED_OUT');
    return;
  }
  if (step === WindowProbeStep.OrphanGivenUp) {
    takes('orphan-behind-shut-window');
    giveUp(sk, 'ZERO_WINDOW_PROBES_EXHAUSTED');
    return;
  }
  if (sk.orphan && outOfResources(sk, true)) return;
  if (step === WindowProbeStep.NoProbesLeft) {
    takes('window-probes-used-up');
    giveUp(sk, 'ZERO_WINDOW_PROBES_EXHAUSTED');
  } else {
    sendWindowProbe(sk);
  }
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
    takes('probe-not-let-out');
    armProbeTimer(sk, localRetryJ(sk.kernel.phase.hz));
    return;
  }
  sk.backoff = windowProbeBackoff(sk.backoff, sk.kernel.sysctls);
  armClosedWindowTimer(sk);
}
