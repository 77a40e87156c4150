/**
 * Nagle's algorithm with Minshall's change (RFC 9293 §3.7.4, RFC 1122 §4.2.3.4; TCP_NODELAY switches it off): a small segment
 * waits for the acknowledgement of the last small one. With TCP_CORK, or when the write says that more follows (MSG_MORE), it waits
 * in any case.
 *
 * Source: net/ipv4/tcp_output.c tcp_nagle_test, tcp_nagle_check, tcp_minshall_check.
 */
import type { Sock } from './tcp-sock.ts';

/**
 * Whether a segment of that length may leave now.
 *
 * @param moreFollows the write in hand says so (MSG_MORE)
 */
export function nagleAllows(sk: Sock, bytes: number, fin: boolean, moreFollows: boolean): boolean {
  if (bytes >= sk.mss || fin || sk.unsent.length > 1) return true;
  if (moreFollows || (sk.corked && !sk.pushesOnce)) return false;
  if (sk.nodelay) return true;
  const smallUnacked = sk.sndSml > sk.sndUna && sk.sndSml <= sk.sndNxt;
  return !(sk.packetsOut > 0 && smallUnacked);
}
