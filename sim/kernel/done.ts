/**
 * The end of a connection (tcp_done): given up, reset (RFC 9293 §3.10.7.4), or finished.
 *
 * An error ends the connection at once, but a process that still holds the descriptor keeps the
 * dead socket in memory until it closes it; an orphan is forgotten on the spot.
 * Source: net/ipv4/tcp_timer.c tcp_write_err; tcp_input.c tcp_reset; tcp.c tcp_done,
 * tcp_write_queue_purge.
 */
import type { TcpEventName } from '../../model/machines/tcp/index.ts';
import { News, NEVER, SockKind, type Sock } from './tcp-sock.ts';
import { tellFailure } from './wakeups.ts';
import { step } from './state.ts';
import { stopAllTimers } from './timers.ts';
import { TcpState, type Errno } from './types.ts';

/** tcp_write_queue_purge: what was to be sent is forgotten; SIOCOUTQ keeps its last value. */
function purge(sk: Sock): void {
  sk.rtx.clear();
  sk.unsent.clear();
  sk.sendMemory = 0;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
  sk.backoff = 0;
  sk.retransStampMs = NEVER;
  sk.tlpHighSeq = NEVER;
}

/** The connection is over (tcp_done); the machine takes `event` to CLOSED. */
export function finish(sk: Sock, event: TcpEventName): void {
  step(sk, event);
  stopAllTimers(sk);
  purge(sk);
  if (sk.orphan) forget(sk);
}

/** Nothing of the socket is left. */
export function forget(sk: Sock): void {
  stopAllTimers(sk);
  sk.kind = SockKind.None;
  sk.news |= News.Released;
}

/** A timer has given the connection up (tcp_write_err). */
export function giveUp(sk: Sock, event: TcpEventName): void {
  const error = sk.softError ?? 'ETIMEDOUT';
  if (!sk.orphan) tellFailure(sk, error);
  finish(sk, event);
}

/** The peer has reset the connection (tcp_reset). */
export function onReset(sk: Sock): void {
  let error: Errno = 'ECONNRESET';
  if (sk.state === TcpState.SynSent) error = 'ECONNREFUSED';
  else if (sk.state === TcpState.CloseWait) error = 'EPIPE';
  if (!sk.orphan) tellFailure(sk, error);
  finish(sk, 'RCV_RST');
}
