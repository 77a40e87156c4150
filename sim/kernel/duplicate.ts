/**
 * What the peer has sent twice, which the next acknowledgement reports in its first block (D-SACK, RFC 2883): so the peer learns that
 * what it sent again had not been lost.
 *
 * Source: net/ipv4/tcp_input.c tcp_dsack_set, tcp_dsack_extend.
 */
import { NEVER, type Sock } from './tcp-sock.ts';

/** It has come before. */
export function noteReceivedTwice(sk: Sock, start: number, end: number): void {
  if (sk.kernel.sysctls.tcp_sack === 0) return;
  sk.duplicateStart = start;
  sk.duplicateEnd = end;
}

/** This too has come before: one range is told, so only what adjoins it is added. */
export function extendReceivedTwice(sk: Sock, start: number, end: number): void {
  if (sk.duplicateStart === NEVER) {
    noteReceivedTwice(sk, start, end);
  } else if (start <= sk.duplicateEnd && sk.duplicateStart <= end) {
    sk.duplicateStart = Math.min(sk.duplicateStart, start);
    sk.duplicateEnd = Math.max(sk.duplicateEnd, end);
  }
}
