/**
 * The tail loss probe (RFC 8985 §7): before the retransmission timeout proper, one segment is sent
 * to provoke an answer. It is neither counted nor backed off, and the timeout starts over after it:
 * that is why the first two gaps of a dead connection are often equal.
 * Source: net/ipv4/tcp_output.c tcp_send_loss_probe; tcp_input.c tcp_process_tlp_ack.
 */
import { splitSent } from './send-memory.ts';
import { Timer } from '../../model/linux/timers.ts';
import { headFitsWindow } from './send-sequence.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import { writeOut } from './output.ts';
import { Mark } from './queues.ts';
import { resend } from './retransmit.ts';
import { AckFlag, NEVER, type Sock } from './tcp-sock.ts';
import { Outcome } from './transmit.ts';
import { takes } from '../../model/rare-paths.ts';
import { keepOpen } from './undo.ts';
import { shrinkOnce } from './congestion.ts';

/** The probe timer has expired. */
export function sendTailLossProbe(sk: Sock): void {
  if (sk.tlpHighSeq === NEVER) sk.tlpRepeats = false;
  if (sk.tlpHighSeq === NEVER && probe(sk)) {
    sk.tlpHighSeq = sk.sndNxt;
    // Without a meaning the timer below counts its full time from now.
    sk.pending = Timer.None;
  }
  rearmRetransmit(sk);
}

/** Sends new data if the window allows, else the last segment again. */
function probe(sk: Sock): boolean {
  if (sk.unsent.length > 0 && headFitsWindow(sk)) {
    takes('tail-probe-of-new-data');
    const before = sk.packetsOut;
    writeOut(sk, 'probe');
    return sk.packetsOut > before;
  }
  if (sk.rtx.length === 0) return false;
  let last = sk.rtx.length - 1;
  const segments = sk.rtx.segments(last);
  if (segments > 1) {
    takes('tail-probe-cuts-segments');
    splitSent(sk, last, sk.rtx.seq(last) + (segments - 1) * sk.mss);
    last += 1;
  }
  if (resend(sk, last, 'tlp') !== Outcome.Sent) return false;
  sk.tlpRepeats = true;
  sk.rtx.setMarks(last, sk.rtx.marks(last) | Mark.EverRetransmitted);
  return true;
}

/**
 * tcp_process_tlp_ack: when the probe's episode is over. One that sent new data: once that is acknowledged. One that sent something
 * again: by a duplicate, pure or reported (both have arrived), or by an acknowledgement of more, which says that it repaired a loss. An acknowledgement of no
 * more than it sent leaves open which it was, and until then there is no further probe.
 */
export function processTailLossProbeAck(sk: Sock, ackSeq: number): void {
  if (sk.tlpHighSeq === NEVER || ackSeq < sk.tlpHighSeq) return;
  if (sk.tlpRepeats && (sk.ackFlags & AckFlag.ProbeDuplicate) === 0) {
    if (ackSeq > sk.tlpHighSeq) {
      takes('tail-probe-repaired-loss');
      shrinkOnce(sk);
      keepOpen(sk);
      return;
    }
    if (sk.ackFlags & (AckFlag.Advanced | AckFlag.NotDuplicate | AckFlag.Sacked)) return;
  }
  sk.tlpHighSeq = NEVER;
}
