/**
 * Nagle's algorithm with Minshall's change (RFC 9293 §3.7.4, RFC 1122 §4.2.3.4; TCP_NODELAY switches it off): a small segment
 * waits for the acknowledgement of the last small one.
 *
 * Source: net/ipv4/tcp_output.c tcp_nagle_test, tcp_nagle_check, tcp_minshall_check.
 */
import type { Sock } from './tcp-sock.ts';

/** Whether a segment of that length may leave now. */
export function nagleAllows(sk: Sock, bytes: number, fin: boolean): boolean {
  if (bytes >= sk.mss || sk.nodelay || fin || sk.unsent.length > 1) return true;
  const smallUnacked = sk.sndSml > sk.sndUna && sk.sndSml <= sk.sndNxt;
  return !(sk.packetsOut > 0 && smallUnacked);
}
