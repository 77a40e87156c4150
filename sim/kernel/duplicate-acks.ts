/**
 * A sender whose peer has no selective acknowledgement (Reno of RFC 5681 §3.2 with RFC 6582): each duplicate acknowledgement says that one
 * more segment has arrived, and not which. The head is lost when so many have come, and in recovery with each acknowledgement that takes
 * something off the queue. What arrived makes room for new data (limited transmit, RFC 3042).
 * Source: net/ipv4/tcp_input.c tcp_add_reno_sack, tcp_remove_reno_sacks, tcp_limit_reno_sacked; net/ipv4/tcp_recovery.c
 * tcp_newreno_mark_lost.
 */
import { Mark } from './queues.ts';
import { markLost } from './rack.ts';
import { boundedReordering } from './reordering.ts';
import { splitSent } from './send-memory.ts';
import { AckFlag, Congestion, type Sock } from './tcp-sock.ts';

/** Neither progress nor a report of a duplicate: the acknowledgement says the same as the one before. */
const PROGRESS = AckFlag.Advanced | AckFlag.NotDuplicate | AckFlag.Duplicate;

/** Whether the acknowledgement in hand is a duplicate one (num_dupack of tcp_ack). */
export function isDuplicateAck(sk: Sock): boolean {
  return (sk.ackFlags & PROGRESS) === 0;
}

/** tcp_is_reno. */
export function withoutSack(sk: Sock): boolean {
  return sk.kernel.sysctls.tcp_sack === 0;
}

/** tcp_limit_reno_sacked, tcp_check_reno_reordering: more duplicates than there can be are segments that were overtaken. */
function limitDuplicates(sk: Sock, acked: number): void {
  const holes = Math.min(Math.max(sk.lostOut, 1), sk.packetsOut);
  if (sk.sackedOut + holes <= sk.packetsOut) return;
  sk.sackedOut = sk.packetsOut - holes;
  sk.reordering = boundedReordering(sk.packetsOut + acked);
  sk.reorderingSeen += 1;
}

/** tcp_add_reno_sack. */
export function countDuplicateAck(sk: Sock): void {
  if (!isDuplicateAck(sk)) return;
  const before = sk.sackedOut;
  sk.sackedOut += 1;
  limitDuplicates(sk, 0);
  sk.delivered += Math.max(0, sk.sackedOut - before);
}

/** tcp_remove_reno_sacks: one segment was the hole, the others had told of themselves. */
export function takeOffDuplicates(sk: Sock, acked: number): void {
  sk.delivered += Math.max(acked - sk.sackedOut, 1);
  sk.sackedOut = Math.max(0, sk.sackedOut - (acked - 1));
  limitDuplicates(sk, acked);
}

/** tcp_reset_reno_sack. */
export function forgetDuplicates(sk: Sock): void {
  sk.sackedOut = 0;
}

/** tcp_newreno_mark_lost. */
export function markHeadLost(sk: Sock): void {
  const enough = sk.congestion < Congestion.Recovery && sk.sackedOut >= sk.reordering;
  const partial = sk.congestion === Congestion.Recovery && (sk.ackFlags & AckFlag.Advanced) !== 0;
  if (sk.rtx.length === 0 || (!enough && !partial) || sk.rtx.marks(0) & Mark.Lost) return;
  if (sk.rtx.segments(0) > 1) splitSent(sk, 0, sk.rtx.seq(0) + sk.mss);
  markLost(sk, 0);
}
