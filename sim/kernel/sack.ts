/**
 * Selective acknowledgement as the sender takes it (RFC 2018 §5): segments that the peer holds beyond a gap are marked, and
 * not sent again.
 *
 * Source: net/ipv4/tcp_input.c tcp_sacktag_write_queue, tcp_sacktag_one, tcp_match_skb_to_sack.
 */
import type { Segment } from '../network/segment.ts';
import { Mark, segmentsOf } from './queues.ts';
import { answersEarlier, rackAdvance } from './rack.ts';
import { highestSacked, noteReordering } from './reordering.ts';
import { splitSent } from './send-memory.ts';
import { AckFlag, Congestion, NEVER, type Sock } from './tcp-sock.ts';

/** tcp_check_dsack: whether the first block reports what came twice (RFC 2883 §4): below the acknowledgement, or within the second block. */
function reportsDuplicate(segment: Segment): boolean {
  const { sack, sackBlocks, ackSeq } = segment;
  const start = sack[0] as number;
  if (start < ackSeq) return true;
  const isWithin = start >= (sack[2] as number) && (sack[1] as number) <= (sack[3] as number);
  return sackBlocks > 1 && isWithin;
}

/** tcp_dsack_seen: what was sent again was not lost, and counts as delivered, unless it was never sent again. */
function noteDuplicate(sk: Sock, segment: Segment, priorUna: number): void {
  const start = segment.sack[0] as number;
  const end = segment.sack[1] as number;
  const length = end - start;
  if (length <= 0 || length > sk.maxWindow) return;
  const segments = segmentsOf(length, sk.mss);
  if (segments === 1 && sk.tlpHighSeq === end) sk.ackFlags |= AckFlag.ProbeDuplicate;
  sk.duplicatesSeen += segments;
  if (sk.duplicatesSeen > sk.totalRetrans) return;
  sk.ackFlags |= AckFlag.Duplicate;
  sk.delivered += segments;
  if (sk.undoMarker !== NEVER && sk.undoRetrans > 0 && end <= priorUna && end > sk.undoMarker) {
    sk.undoRetrans = Math.max(0, sk.undoRetrans - segments);
  }
}

/**
 * Marks what the peer holds beyond the gap; returns when the oldest newly marked was sent, or NEVER.
 *
 * @param priorUna what was unacknowledged before this acknowledgement
 */
export function tagSacked(sk: Sock, segment: Segment, priorUna: number): number {
  const { rtx } = sk;
  if (reportsDuplicate(segment)) noteDuplicate(sk, segment, priorUna);
  let oldestUs = NEVER;
  let overtaken: number = NEVER;
  for (let i = 0; i < rtx.length; i += 1) {
    if (rtx.segments(i) > 1) cutAtEdges(sk, segment, i);
    const marks = rtx.marks(i);
    if (marks & Mark.Sacked || !covered(segment, rtx.seq(i), rtx.end(i))) continue;
    const segments = rtx.segments(i);
    const sentUs = rtx.sentUs(i);
    const repeated = (marks & Mark.EverRetransmitted) !== 0;
    if (!answersEarlier(sk, marks, sentUs)) rackAdvance(sk, sentUs, rtx.end(i), repeated);
    if (!repeated) {
      if (oldestUs === NEVER) oldestUs = sentUs;
      // What was in a hole, and sent once, has been overtaken.
      if (overtaken === NEVER && rtx.seq(i) < highestSacked(sk)) overtaken = rtx.seq(i);
      if (rtx.end(i) <= sk.highSeq) sk.ackFlags |= AckFlag.OriginalArrived;
    }
    // A retransmission of what does not count as lost goes on counting as under way.
    let kept = marks;
    if (marks & Mark.Lost) {
      sk.lostOut -= segments;
      if (marks & Mark.Retransmitting) sk.retransOut -= segments;
      kept &= ~(Mark.Retransmitting | Mark.Lost);
    }
    sk.highestSacked = Math.max(highestSacked(sk), rtx.end(i));
    sk.sackedOut += segments;
    sk.delivered += segments;
    sk.ackFlags |= AckFlag.Sacked;
    rtx.setMarks(i, kept | Mark.Sacked);
  }
  if (sk.congestion !== Congestion.Loss || sk.undoMarker !== NEVER) noteReordering(sk, overtaken);
  return oldestUs;
}

/**
 * tcp_match_skb_to_sack: a buffer of several segments of which only some have arrived is cut where they begin or end.
 */
function cutAtEdges(sk: Sock, segment: Segment, i: number): void {
  const { rtx } = sk;
  for (let b = 0; b < 2 * segment.sackBlocks; b += 1) {
    const edge = segment.sack[b] as number;
    const seq = rtx.seq(i);
    if (edge <= seq || edge >= rtx.end(i)) continue;
    const segments = Math.round((edge - seq) / sk.mss);
    if (segments > 0 && segments < rtx.segments(i)) splitSent(sk, i, seq + segments * sk.mss);
  }
}

function covered(segment: Segment, seq: number, end: number): boolean {
  for (let b = 0; b < segment.sackBlocks; b += 1) {
    if (seq >= (segment.sack[2 * b] as number) && end <= (segment.sack[2 * b + 1] as number)) {
      return true;
    }
  }
  return false;
}
