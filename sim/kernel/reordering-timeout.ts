/**
 * The reordering timer of a socket has expired (RFC 8985 §6.3): what counts as lost is sent again, and the retransmission timer, which
 * it had taken the place of, is armed for what is left of it.
 * Source: net/ipv4/tcp_recovery.c tcp_rack_reo_timeout.
 */
import { Timer } from '../../model/linux/timers.ts';
import { onReorderingLosses } from './loss-recovery.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import type { Sock } from './tcp-sock.ts';

export function onReorderingTimeout(sk: Sock): void {
  onReorderingLosses(sk);
  if (sk.pending !== Timer.Retransmit) rearmRetransmit(sk);
}
