/**
 * What the peer has sent twice, which the next acknowledgement reports in its first block (D-SACK, RFC 2883): so the peer learns that
 * what it sent again had not been lost.
 *
 * Source: net/ipv4/tcp_input.c tcp_dsack_set.
 */
import type { Sock } from './tcp-sock.ts';

/** It has come before. */
export function noteReceivedTwice(sk: Sock, start: number, end: number): void {
  if (sk.kernel.sysctls.tcp_sack === 0) return;
  sk.duplicateStart = start;
  sk.duplicateEnd = end;
}
