/**
 * What is on its way and what may follow it: the arithmetic of the send sequence space (RFC 9293
 * §3.3.1), which sending, retransmitting and acknowledging all go by.
 * Source: net/ipv4/tcp_output.c, include/net/tcp.h.
 */
import type { Sock } from './tcp-sock.ts';

/** Right edge of the peer's window. */
export function windowEnd(sk: Sock): number {
  return sk.sndUna + sk.sndWnd;
}

/** tcp_packets_in_flight: segments believed to be in the network. */
export function inFlight(sk: Sock): number {
  return sk.packetsOut - sk.sackedOut - sk.lostOut + sk.retransOut;
}

/** tcp_skb_can_collapse_to: whether a record of the process ends there (MSG_EOR). */
export function endsRecord(sk: Sock, seq: number): boolean {
  return sk.recordEnds.length > 0 && sk.recordEnds.includes(seq);
}

/** Whether the first unsent buffer carries the FIN. */
export function headHasFin(sk: Sock): boolean {
  return sk.finQueued && !sk.finSent && sk.unsent.length === 1;
}

/** End of the sequence space of the first unsent buffer. */
export function headEnd(sk: Sock): number {
  return sk.sndNxt + sk.unsent.first() + (headHasFin(sk) ? 1 : 0);
}

/** tcp_snd_wnd_test: a full segment of the head, or all of it, fits the window. */
export function headFitsWindow(sk: Sock): boolean {
  const length = sk.unsent.first();
  const end = length > sk.mss ? sk.sndNxt + sk.mss : headEnd(sk);
  return end <= windowEnd(sk);
}
