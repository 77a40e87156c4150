/**
 * Keepalive: ask an idle peer whether it is there.
 *
 * Traffic never touches this timer. When it fires it looks back: was anything heard within the idle
 * time? Data in flight or queued defers it altogether. With TCP_USER_TIMEOUT the number of probes
 * does not count any more, only the time since the peer was heard, and at least one probe.
 * Source: net/ipv4/tcp_timer.c tcp_keepalive_timer.
 */
import { RESOURCE_PROBE_MS } from '../../model/linux/constants.ts';
import { deadSilenceJ } from '../../model/linux/keepalive-timer.ts';
import { giveUp } from './done.ts';
import { armKeepaliveTimer } from './timers.ts';
import type { Sock } from './tcp-sock.ts';
import { Outcome, sendReset } from './transmit.ts';
import { TcpState } from './types.ts';
import { wakePeer } from './zero-window.ts';

/** keepalive_time_elapsed: since the last payload or acceptable ACK. */
export function silentJ(sk: Sock): number {
  const nowJ = sk.kernel.jiffies();
  return Math.min(nowJ - sk.lastDataRecvJ, nowJ - sk.lastAckRecvJ);
}

/** The keepalive timer of a full socket has expired, outside FIN_WAIT2. */
export function onKeepaliveTimeout(sk: Sock): void {
  if (!sk.keepaliveOn || sk.state === TcpState.Close || sk.state === TcpState.SynSent) return;
  if (sk.packetsOut > 0 || sk.unsent.length > 0) {
    armKeepaliveTimer(sk, sk.keepIdleJ);
    return;
  }
  const elapsedJ = silentJ(sk);
  if (elapsedJ < sk.keepIdleJ) {
    armKeepaliveTimer(sk, sk.keepIdleJ - elapsedJ);
    return;
  }
  const userTimeoutJ = sk.kernel.ms(sk.userTimeoutMs);
  if (elapsedJ >= deadSilenceJ(sk.probesOut, sk.keepProbes, userTimeoutJ)) {
    sendReset(sk, 'keepalive-reset');
    giveUp(sk, 'KEEPALIVE_TIMED_OUT');
    return;
  }
  if (wakePeer(sk, 'keepalive-probe') === Outcome.Dropped) {
    armKeepaliveTimer(sk, sk.kernel.ms(RESOURCE_PROBE_MS));
    return;
  }
  sk.probesOut += 1;
  armKeepaliveTimer(sk, sk.keepIntervalJ);
}
