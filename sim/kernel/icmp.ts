/**
 * ICMP errors about a connection (RFC 1122 §4.2.3.9, RFC 6069). They never kill an established one: they are kept as the error to
 * report should it die anyway, and an unreachable host turns the back-off one step down (RFC 6069).
 * Source: net/ipv4/tcp_ipv4.c tcp_v4_err, tcp_ld_RTO_revert; icmp.c icmp_err_convert.
 */
import { Timer } from '../../model/linux/timers.ts';
import { revertedRtoJ } from '../../model/linux/retransmit-timer.ts';
import { finish } from './done.ts';
import { dropRequest } from './handshake.ts';
import { SockKind, type Sock } from './tcp-sock.ts';
import { tellFailure } from './wakeups.ts';
import { armWriteTimer } from './timers.ts';
import { onRetransmitTimeout, retransmitDueInUs } from './retransmit-timeout.ts';
import { TcpState, type Errno } from './types.ts';
import type { IcmpKind } from '../network/icmp.ts';

const errors: Readonly<Record<IcmpKind, Errno>> = {
  'net-unreachable': 'ENETUNREACH',
  'host-unreachable': 'EHOSTUNREACH',
  'port-unreachable': 'ECONNREFUSED',
  'time-exceeded': 'EHOSTUNREACH',
  'net-prohibited': 'ENETUNREACH',
  'host-prohibited': 'EHOSTUNREACH',
  'admin-prohibited': 'EHOSTUNREACH',
};

/** Takes an ICMP error that quotes a segment beginning at `quotedSeq`. */
export function onIcmp(sk: Sock, kind: IcmpKind, quotedSeq: number): void {
  if (sk.kind !== SockKind.Full || sk.state === TcpState.Close || sk.state === TcpState.Listen)
    return;
  if (quotedSeq < sk.sndUna || quotedSeq > sk.sndNxt) return;
  const error = errors[kind];
  if (sk.state === TcpState.SynSent) {
    if (!sk.orphan) tellFailure(sk, error);
    finish(sk, 'RCV_ICMP_ERROR');
    return;
  }
  const unreachable = kind === 'net-unreachable' || kind === 'host-unreachable';
  if (sk.state === TcpState.SynRecv) {
    // tcp_req_err: the request goes, and nobody is told.
    if (quotedSeq === 0 && kind !== 'port-unreachable') dropRequest(sk, 'RCV_ICMP_ERROR');
    return;
  }
  if (unreachable && quotedSeq === sk.sndUna) revertBackoff(sk);
  sk.softError = error;
}

/** tcp_ld_RTO_revert (RFC 6069 §4.2): a router says where the loss is, so the network is not congested. */
function revertBackoff(sk: Sock): void {
  if (sk.retransmits === 0 || sk.backoff === 0 || sk.rtx.length === 0) return;
  sk.backoff -= 1;
  sk.rtoJ = revertedRtoJ(sk, sk.kernel.phase.hz);
  const leftUs = retransmitDueInUs(sk);
  if (leftUs > 0) armWriteTimer(sk, Timer.Retransmit, sk.kernel.us(leftUs));
  else onRetransmitTimeout(sk);
}
