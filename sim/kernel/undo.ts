/**
 * Undo: a congestion response is taken back when it turns out that nothing was lost (RFC 3522, RFC 5682; tcp_may_undo).
 *
 * What is not taken back decides lives. tcp_undo_cwnd_reduction clears the mark "lost" of every segment, and not the mark "a retransmission
 * is under way"; tcp_mark_skb_lost forgets a retransmission only of what already counts as lost. So a second timeout within the same round
 * trip counts one retransmission twice (`retransOut` leaks), tcp_any_retrans_done stays true until nothing at all is in
 * flight, and `retransStampMs` is never cleared: the next episode is counted from the first one. A user timeout of 20 s then ends a
 * connection about a second into an outage, and tcp_retries2 one that has lived for as long as it allows.
 *
 * Source: net/ipv4/tcp_input.c tcp_undo_cwnd_reduction, tcp_try_undo_loss, tcp_try_undo_recovery, tcp_try_undo_partial,
 * tcp_try_keep_open, tcp_init_undo; 6.12 and 6.18 alike.
 */
import { wasDelayed } from '../../model/linux/spurious-timeout.ts';
import { takes } from '../../model/rare-paths.ts';
import { undoReduction } from './congestion.ts';
import { noteReordering } from './reordering.ts';
import { Mark } from './queues.ts';
import { Congestion, NEVER, type Sock } from './tcp-sock.ts';

function hasSack(sk: Sock): boolean {
  return sk.kernel.sysctls.tcp_sack === 1;
}

/** tcp_any_retrans_done: something that was sent again may still be answered. */
function anyRetransmitted(sk: Sock): boolean {
  if (sk.retransOut > 0) return true;
  return sk.rtx.length > 0 && (sk.rtx.marks(0) & Mark.EverRetransmitted) !== 0;
}

/** tcp_retrans_stamp_cleanup: the episode is over for the limits too. */
export function clearStampIfDone(sk: Sock): void {
  if (!anyRetransmitted(sk)) sk.retransStampMs = NEVER;
}

/** tcp_packet_delayed. */
function delayedOnly(sk: Sock): boolean {
  return wasDelayed(sk.echoMs, sk.retransStampMs, hasSack(sk), sk.sndUna >= sk.highSeq);
}

/** tcp_init_undo: a response begins that may be taken back. */
export function initUndo(sk: Sock): void {
  sk.undoMarker = sk.sndUna;
  const probes = sk.tlpHighSeq !== NEVER && sk.tlpRepeats ? 1 : 0;
  // 0 would say that all of them have been answered.
  sk.undoRetrans = sk.retransOut + probes || -1;
}

/** tcp_may_undo: every retransmission has turned out to be a duplicate, or the echo says so. */
function mayUndo(sk: Sock): boolean {
  return sk.undoMarker !== NEVER && (sk.undoRetrans === 0 || delayedOnly(sk));
}

/** tcp_try_undo_dsack: the peer has reported as many duplicates as there were retransmissions (RFC 3708). Returns whether it was undone. */
export function tryUndoDuplicates(sk: Sock): boolean {
  if (sk.undoMarker === NEVER || sk.undoRetrans !== 0) return false;
  takes('undone-by-duplicates');
  undo(sk, false);
  return true;
}

/** tcp_undo_cwnd_reduction. */
function undo(sk: Sock, unmarkLoss: boolean): void {
  if (unmarkLoss) {
    const { rtx } = sk;
    for (let i = 0; i < rtx.length; i += 1) rtx.setMarks(i, rtx.marks(i) & ~Mark.Lost);
    sk.lostOut = 0;
  }
  undoReduction(sk);
  sk.undoMarker = NEVER;
  sk.rackAdvanced = true;
}

/** tcp_is_non_sack_preventing_reopen: without SACK the old state holds until more than the loss window is acknowledged. */
function heldWithoutSack(sk: Sock): boolean {
  if (hasSack(sk) || sk.sndUna !== sk.highSeq) return false;
  clearStampIfDone(sk);
  return true;
}

/** tcp_try_keep_open. */
export function keepOpen(sk: Sock): void {
  const leftOut = sk.sackedOut + sk.lostOut;
  const state = leftOut > 0 || anyRetransmitted(sk) ? Congestion.Disorder : Congestion.Open;
  if (sk.congestion === state) return;
  sk.congestion = state;
  sk.highSeq = sk.sndNxt;
}

/** tcp_try_to_open. */
export function tryToOpen(sk: Sock): void {
  clearStampIfDone(sk);
  keepOpen(sk);
}

/** tcp_try_undo_loss: in the loss state. Returns whether the response has been taken back. */
export function tryUndoLoss(sk: Sock, byFrto: boolean): boolean {
  if (!byFrto && !mayUndo(sk)) return false;
  takes('spurious-timeout');
  undo(sk, true);
  sk.retransmits = 0;
  if (heldWithoutSack(sk)) return true;
  if (byFrto || hasSack(sk)) sk.congestion = Congestion.Open;
  return true;
}

/** tcp_try_undo_recovery: the loss window is acknowledged. Returns whether the state holds on nevertheless. */
export function tryUndoRecovery(sk: Sock): boolean {
  if (mayUndo(sk)) undo(sk, false);
  if (heldWithoutSack(sk)) return true;
  sk.congestion = Congestion.Open;
  return false;
}

/** tcp_try_undo_partial: in fast recovery something is acknowledged. Returns whether nothing more is to be done. */
export function tryUndoPartial(sk: Sock, priorUna: number): boolean {
  if (sk.undoMarker === NEVER || !delayedOnly(sk)) return false;
  // The hole was filled by what was delayed, not by what was sent again.
  noteReordering(sk, priorUna);
  if (sk.retransOut > 0) return true;
  clearStampIfDone(sk);
  undo(sk, true);
  keepOpen(sk);
  return false;
}
