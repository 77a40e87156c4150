/**
 * Keepalive (RFC 9293 §3.8.4): ask an idle peer whether it is there. When its timer waits on, probes or ends the connection
 * is decided by model/linux/keepalive-timer.ts.
 *
 * Source: net/ipv4/tcp_timer.c tcp_keepalive_timer.
 */
import {
  keepaliveExpired,
  KeepaliveStep,
  keepaliveWaitJ,
} from '../../model/linux/keepalive-timer.ts';
import { localRetryJ } from '../../model/linux/retransmit-timer.ts';
import { giveUp } from './done.ts';
import { armKeepaliveTimer } from './timers.ts';
import type { Sock } from './tcp-sock.ts';
import { Outcome, sendReset } from './transmit.ts';
import { TcpState } from './types.ts';
import { wakePeer } from './zero-window.ts';
import { takes } from '../../model/rare-paths.ts';

/** The keepalive timer of a full socket has expired, outside FIN_WAIT2. */
export function onKeepaliveTimeout(sk: Sock): void {
  if (!sk.keepaliveOn || sk.state === TcpState.Close || sk.state === TcpState.SynSent) return;
  const { kernel } = sk;
  const nowJ = kernel.jiffies();
  const dataWaits = sk.packetsOut > 0 || sk.unsent.length > 0;
  switch (keepaliveExpired(sk, dataWaits, kernel.ms(sk.userTimeoutMs), nowJ)) {
    case KeepaliveStep.Wait:
      armKeepaliveTimer(sk, keepaliveWaitJ(sk, dataWaits, nowJ));
      return;
    case KeepaliveStep.GiveUp:
      if (sk.userTimeoutMs > 0) takes('keepalive-under-user-timeout');
      sendReset(sk, 'keepalive-reset');
      giveUp(sk, 'KEEPALIVE_TIMED_OUT');
      return;
    case KeepaliveStep.Probe:
      if (wakePeer(sk, 'keepalive-probe') === Outcome.Dropped) {
        takes('keepalive-not-let-out');
        armKeepaliveTimer(sk, localRetryJ(kernel.phase.hz));
        return;
      }
      sk.probesOut += 1;
      armKeepaliveTimer(sk, sk.keepIntervalJ);
  }
}
