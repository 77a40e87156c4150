/**
 * Loss recovery: the loss state after a timeout (RFC 5681 §3.1, RFC 6298 §5.4) with F-RTO (RFC 5682), and fast recovery from what RACK
 * counts as lost (RFC 5681 §3.2, RFC 8985 §6). What was unnecessary is taken back by undo.ts.
 *
 * Source: net/ipv4/tcp_input.c tcp_enter_loss, tcp_fastretrans_alert, tcp_process_loss, tcp_enter_recovery; net/ipv4/tcp_recovery.c
 * tcp_rack_reo_timeout; net/ipv4/tcp_output.c tcp_xmit_retransmit_queue.
 */
import { FrtoStep, frtoStep } from '../../model/linux/spurious-timeout.ts';
import { Timer } from '../../model/linux/timers.ts';
import {
  beginReduction,
  currentThreshold,
  endReduction,
  inReduction,
  lowerThreshold,
  reduceCwnd,
} from './congestion.ts';
import {
  countDuplicateAck,
  forgetDuplicates,
  isDuplicateAck,
  markHeadLost,
  withoutSack,
} from './duplicate-acks.ts';
import { Mark } from './queues.ts';
import { detectLoss, identifyLoss, markLost } from './rack.ts';
import { retransmit } from './retransmit.ts';
import { inFlight, windowEnd } from './send-sequence.ts';
import { AckFlag, Congestion, NEVER, type Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome } from './transmit.ts';
import {
  clearStampIfDone,
  initUndo,
  tryToOpen,
  tryUndoDuplicates,
  tryUndoLoss,
  tryUndoPartial,
  tryUndoRecovery,
} from './undo.ts';

/** What an acknowledgement calls for (REXMIT_*). */
export const Rexmit = {
  None: 0,
  /** What counts as lost. */
  Lost: 1,
  /** New data first: F-RTO. */
  New: 2,
} as const;
export type RexmitCode = (typeof Rexmit)[keyof typeof Rexmit];

/** tcp_timeout_mark_lost: everything but the freshly sent. */
function markAllLost(sk: Sock): void {
  const { rtx, kernel } = sk;
  if (withoutSack(sk)) forgetDuplicates(sk);
  for (let i = 0; i < rtx.length; i += 1) {
    if (i > 0 && kernel.nowUs - rtx.sentUs(i) < sk.rackRttUs) continue;
    markLost(sk, i);
  }
}

/** tcp_enter_loss: the retransmission timer has expired. */
export function enterLoss(sk: Sock): void {
  markAllLost(sk);
  const repeated = sk.congestion === Congestion.Loss && sk.retransmits === 0;
  if (sk.congestion <= Congestion.Disorder || sk.highSeq <= sk.sndUna || repeated) {
    sk.priorThreshold = currentThreshold(sk);
    lowerThreshold(sk);
    initUndo(sk);
  }
  sk.cwnd = inFlight(sk) + 1;
  const { tcp_reordering: reordering } = sk.kernel.sysctls;
  // Many duplicates and a timeout nevertheless: what overtakes was overestimated.
  if (sk.congestion <= Congestion.Disorder && sk.sackedOut >= reordering) {
    sk.reordering = Math.min(sk.reordering, reordering);
  }
  sk.cwndCount = 0;
  sk.cwndStampJ = sk.kernel.jiffies();
  sk.frto = sk.congestion < Congestion.Recovery || sk.retransmits > 0;
  sk.congestion = Congestion.Loss;
  sk.lastCongestion = Congestion.Loss;
  sk.highSeq = sk.sndNxt;
}

/** tcp_enter_recovery. The clock of the limits starts with the retransmission that follows. */
function enterRecovery(sk: Sock): void {
  clearStampIfDone(sk);
  initUndo(sk);
  if (!inReduction(sk)) {
    sk.priorThreshold = currentThreshold(sk);
    beginReduction(sk);
  }
  sk.congestion = Congestion.Recovery;
}

/** tcp_identify_packet_loss. */
function findLosses(sk: Sock): void {
  if (sk.packetsOut === 0) return;
  if (withoutSack(sk)) {
    markHeadLost(sk);
    return;
  }
  const before = sk.retransOut;
  if (identifyLoss(sk)) sk.ackFlags |= AckFlag.TimerArmed;
  if (before > sk.retransOut) sk.ackFlags |= AckFlag.LostRetransmission;
}

/** A step of F-RTO; null = none decides, and the recovery goes on. */
function processFrto(sk: Sock, recovered: boolean): RexmitCode | null {
  const flags = sk.ackFlags;
  const duplicate = (flags & AckFlag.Sacked) !== 0 || isDuplicateAck(sk);
  const step = frtoStep(
    (flags & AckFlag.OriginalArrived) !== 0,
    sk.sndNxt > sk.highSeq,
    duplicate,
    (flags & AckFlag.Advanced) !== 0 && !recovered,
    sk.unsent.length > 0 && windowEnd(sk) > sk.sndNxt,
  );
  switch (step) {
    case FrtoStep.Spurious:
      tryUndoLoss(sk, true);
      return Rexmit.None;
    case FrtoStep.SendNew:
      sk.highSeq = sk.sndNxt;
      return Rexmit.New;
    case FrtoStep.Lost:
      sk.frto = false;
      return null;
    case FrtoStep.Undecided:
      return null;
  }
}

/** tcp_process_loss: an acknowledgement in the loss state. */
function processLoss(sk: Sock): RexmitCode {
  const recovered = sk.sndUna >= sk.highSeq;
  if (sk.ackFlags & AckFlag.Advanced && tryUndoLoss(sk, false)) return Rexmit.None;
  if (sk.frto) {
    const decided = processFrto(sk, recovered);
    if (decided !== null) return decided;
  }
  if (recovered) {
    tryUndoRecovery(sk);
    return Rexmit.None;
  }
  if (withoutSack(sk)) {
    // A duplicate means that new data have arrived.
    if (sk.sndNxt > sk.highSeq && isDuplicateAck(sk)) countDuplicateAck(sk);
    else if (sk.ackFlags & AckFlag.Advanced) forgetDuplicates(sk);
  }
  return Rexmit.Lost;
}

/** Losses make a recovery of any state; without them it opens. */
function recoverOrOpen(sk: Sock, otherwise: RexmitCode): RexmitCode {
  if (withoutSack(sk)) {
    if (sk.ackFlags & AckFlag.Advanced) forgetDuplicates(sk);
    countDuplicateAck(sk);
  }
  if (sk.congestion <= Congestion.Disorder) tryUndoDuplicates(sk);
  findLosses(sk);
  if (sk.lostOut === 0) {
    tryToOpen(sk);
    return otherwise;
  }
  enterRecovery(sk);
  return Rexmit.Lost;
}

/** In fast recovery. */
function processRecovery(sk: Sock, priorUna: number): RexmitCode {
  if (sk.ackFlags & AckFlag.Advanced) {
    if (tryUndoPartial(sk, priorUna)) return Rexmit.None;
  } else if (withoutSack(sk)) {
    countDuplicateAck(sk);
  }
  if (tryUndoDuplicates(sk)) tryToOpen(sk);
  findLosses(sk);
  if (sk.congestion !== Congestion.Recovery) {
    if (sk.lostOut === 0) return Rexmit.None;
    enterRecovery(sk);
  }
  return Rexmit.Lost;
}

function isOpen(sk: Sock): boolean {
  return sk.congestion === Congestion.Open;
}

/**
 * tcp_fastretrans_alert: an acknowledgement that is not plain progress; what it calls for.
 *
 * @param priorUna what was unacknowledged before it
 */
export function updateRecovery(sk: Sock, priorUna: number): RexmitCode {
  if (sk.packetsOut === 0) sk.sackedOut = 0;
  if (sk.congestion === Congestion.Open) sk.retransStampMs = NEVER;
  if (sk.congestion === Congestion.Recovery && sk.sndUna >= sk.highSeq) {
    if (withoutSack(sk)) forgetDuplicates(sk);
    if (tryUndoRecovery(sk)) return Rexmit.None;
    endReduction(sk);
  }
  if (sk.congestion === Congestion.Recovery) return processRecovery(sk, priorUna);
  let rexmit: RexmitCode = Rexmit.None;
  if (sk.congestion === Congestion.Loss) {
    rexmit = processLoss(sk);
    findLosses(sk);
    if (!isOpen(sk) && (sk.ackFlags & AckFlag.LostRetransmission) === 0) return rexmit;
  }
  return recoverOrOpen(sk, rexmit);
}

/** tcp_xmit_retransmit_queue: as many lost segments as the congestion window takes. */
export function retransmitLost(sk: Sock): void {
  const { rtx } = sk;
  let headSent = false;
  for (let i = 0; i < rtx.length && inFlight(sk) < sk.cwnd; i += 1) {
    if (sk.retransOut >= sk.lostOut) break;
    const marks = rtx.marks(i);
    if ((marks & Mark.Lost) === 0 || marks & (Mark.Retransmitting | Mark.Sacked)) continue;
    if (retransmit(sk, i, 'retransmission') !== Outcome.Sent) break;
    if (inReduction(sk)) sk.prrOut += rtx.segments(i);
    headSent ||= i === 0 && sk.pending !== Timer.Reordering;
  }
  if (headSent) armWriteTimer(sk, Timer.Retransmit, sk.rtoJ);
}

/** The reordering timer has expired (tcp_rack_reo_timeout): what of it counts as lost. */
export function onReorderingLosses(sk: Sock): void {
  const before = inFlight(sk);
  const lostBefore = sk.lost;
  detectLoss(sk);
  if (inFlight(sk) === before) return;
  if (sk.congestion !== Congestion.Recovery) {
    enterRecovery(sk);
    reduceCwnd(sk, 1, sk.lost - lostBefore, false);
  }
  retransmitLost(sk);
}
