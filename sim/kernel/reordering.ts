/**
 * How far segments overtake each other on this path, as the peer's acknowledgements show (tp->reordering, tp->reord_seen): what was sent
 * once, and lay below something selectively acknowledged, has arrived after it. From then on RACK waits before it counts a segment as lost
 * (RFC 8985 §6.2).
 * Source: net/ipv4/tcp_input.c tcp_check_sack_reordering, tcp_highest_sack_seq, tcp_advance_highest_sack.
 */
import { NEVER, type Sock } from './tcp-sock.ts';

/** net.ipv4.tcp_max_reordering. */
const MOST_REORDERING = 300;

/** A number of overtaken segments, as far as it counts. */
export function boundedReordering(segments: number): number {
  return Math.min(segments, MOST_REORDERING);
}

/** tcp_highest_sack_seq: end of the last that is selectively acknowledged. */
export function highestSacked(sk: Sock): number {
  return sk.sackedOut === 0 ? sk.sndUna : sk.highestSacked;
}

/** tcp_check_sack_reordering: `lowSeq`, sent once, has arrived after others; NEVER = nothing has. */
export function noteReordering(sk: Sock, lowSeq: number): void {
  const distance = highestSacked(sk) - lowSeq;
  if (lowSeq === NEVER || distance <= 0) return;
  sk.reorderingSeen += 1;
  const segments = Math.ceil(distance / sk.mss);
  if (segments > sk.reordering) sk.reordering = boundedReordering(segments);
}
