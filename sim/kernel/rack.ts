/**
 * RACK (RFC 8985 §6): a segment is lost when one that was sent later has arrived, and the reordering window has passed since.
 * The window and the timer are those of model/linux/reordering-timer.ts; what follows a loss is in loss-recovery.ts.
 *
 * Source: net/ipv4/tcp_recovery.c tcp_rack_advance, tcp_rack_detect_loss, tcp_rack_mark_lost.
 */
import { reorderingDelayJ, reorderingWindowUs } from '../../model/linux/reordering-timer.ts';
import { echoesBefore } from '../../model/linux/spurious-timeout.ts';
import { Timer } from '../../model/linux/timers.ts';
import { Mark } from './queues.ts';
import { Congestion, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';

/**
 * tcp_mark_skb_lost: a retransmission that is now believed lost is taken back, if what it repeated counted as lost before. Where an
 * undo has cleared that mark it is not, and the next retransmission is counted beside it (undo.ts).
 */
export function markLost(sk: Sock, i: number): void {
  const { rtx } = sk;
  const marks = rtx.marks(i);
  if (marks & Mark.Sacked) return;
  const segments = rtx.segments(i);
  if ((marks & Mark.Lost) === 0) {
    sk.lostOut += segments;
    rtx.setMarks(i, marks | Mark.Lost);
  } else if (marks & Mark.Retransmitting) {
    sk.retransOut -= segments;
    rtx.setMarks(i, marks & ~Mark.Retransmitting);
  } else {
    return;
  }
  sk.lost += segments;
}

/** tcp_skb_spurious_retrans: what the echo answers was sent before the latest sending of it. */
export function answersEarlier(sk: Sock, marks: number, sentUs: number): boolean {
  const repeated = marks & (Mark.Retransmitting | Mark.EverRetransmitted);
  return repeated !== 0 && echoesBefore(sk.echoMs, sk.kernel.clockMsAt(sentUs));
}

/** A later segment has arrived: tcp_rack_advance. */
export function rackAdvance(
  sk: Sock,
  sentUs: number,
  end: number,
  wasRetransmitted: boolean,
): void {
  const roundTripUs = sk.kernel.nowUs - sentUs;
  if (wasRetransmitted && roundTripUs < sk.minRttUs) return;
  sk.rackAdvanced = true;
  sk.rackRttUs = roundTripUs;
  if (sentUs > sk.rackSentUs || (sentUs === sk.rackSentUs && end > sk.rackEndSeq)) {
    sk.rackSentUs = sentUs;
    sk.rackEndSeq = end;
  }
}

function reorderingWindow(sk: Sock): number {
  const noReordering =
    sk.reorderingSeen === 0 &&
    (sk.congestion >= Congestion.Recovery || sk.sackedOut >= sk.reordering);
  return reorderingWindowUs(sk.minRttUs, sk.srtt8, noReordering);
}

/** tcp_rack_detect_loss: what was sent before the newest arrival and should have arrived by now. */
export function detectLoss(sk: Sock): number {
  const { rtx, kernel } = sk;
  const latestUs = sk.rackRttUs + reorderingWindow(sk);
  let waitUs = 0;
  for (let i = 0; i < rtx.length; i += 1) {
    const marks = rtx.marks(i);
    if (marks & Mark.Sacked) continue;
    if (marks & Mark.Lost && (marks & Mark.Retransmitting) === 0) continue;
    const sentUs = rtx.sentUs(i);
    if (sentUs > sk.rackSentUs || (sentUs === sk.rackSentUs && rtx.end(i) >= sk.rackEndSeq)) {
      continue;
    }
    const leftUs = latestUs - (kernel.nowUs - sentUs);
    if (leftUs <= 0) markLost(sk, i);
    else waitUs = Math.max(waitUs, leftUs);
  }
  return waitUs;
}

/** tcp_rack_mark_lost: returns whether the reordering timer has been armed. */
export function identifyLoss(sk: Sock): boolean {
  if (!sk.rackAdvanced) return false;
  sk.rackAdvanced = false;
  const waitUs = detectLoss(sk);
  if (waitUs === 0) return false;
  const delayJ = reorderingDelayJ(waitUs, sk.rtoJ, sk.kernel.phase.hz);
  armWriteTimer(sk, Timer.Reordering, delayJ);
  return true;
}
