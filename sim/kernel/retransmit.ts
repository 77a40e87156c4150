/**
 * Sending again what is in flight: after a timeout, as a tail loss probe, or because it counts as lost.
 *
 * The first retransmission of an episode stamps `retransStampMs`, from which every limit counts.
 * Source: net/ipv4/tcp_output.c tcp_retransmit_skb, __tcp_retransmit_skb, tcp_retrans_try_collapse.
 */
import { withoutSack } from './duplicate-acks.ts';
import { endsRecord, windowEnd } from './send-sequence.ts';
import { Mark } from './queues.ts';
import { sendMemory, splitSent } from './send-memory.ts';
import { NEVER, type Sock } from './tcp-sock.ts';
import { Outcome, transmitData, transmitSyn, type OutcomeCode } from './transmit.ts';
import { TcpState } from './types.ts';
import { takes } from '../../model/rare-paths.ts';

/** tcp_trim_head: bytes that were acknowledged meanwhile are not sent again. */
function trimHead(sk: Sock): void {
  const { rtx } = sk;
  if (rtx.length === 0 || rtx.seq(0) >= sk.sndUna) return;
  const before = sendMemory(rtx.bytes(0));
  rtx.setSeq(0, sk.sndUna);
  sk.sendMemory += sendMemory(rtx.bytes(0)) - before;
}

/** tcp_retrans_try_collapse: small buffers behind a small one go into the same segment. */
function collapse(sk: Sock, i: number): void {
  const { rtx } = sk;
  const fixed = Mark.Sacked | Mark.Syn | Mark.Fin;
  while (i + 1 < rtx.length && (rtx.marks(i) & fixed) === 0) {
    const next = rtx.marks(i + 1);
    const bytes = rtx.bytes(i);
    const more = rtx.bytes(i + 1);
    if (next & Mark.Sacked || bytes + more > sk.mss || rtx.end(i + 1) > windowEnd(sk)) return;
    if (endsRecord(sk, rtx.end(i))) return;
    if (next & Mark.Lost) sk.lostOut -= 1;
    if (next & Mark.Retransmitting) sk.retransOut -= 1;
    sk.packetsOut -= 1;
    // tcp_adjust_pcount: of duplicates nobody knows whose they are.
    if (withoutSack(sk)) sk.sackedOut = Math.max(0, sk.sackedOut - 1);
    sk.sendMemory += sendMemory(bytes + more) - sendMemory(bytes) - sendMemory(more);
    rtx.merge(i);
  }
}

/** Sends one segment of buffer `i` again (__tcp_retransmit_skb). */
export function resend(sk: Sock, i: number, why: string): OutcomeCode {
  const { rtx } = sk;
  trimHead(sk);
  const seq = rtx.seq(i);
  const window = windowEnd(sk) - seq;
  // A shut window lets only the head through, as a probe.
  if (window <= 0 && i > 0) return Outcome.Refused;
  if (rtx.segments(i) > 1) splitSent(sk, i, seq + sk.mss);
  else collapse(sk, i);
  sk.totalRetrans += 1;
  const marks = rtx.marks(i);
  const outcome =
    marks & Mark.Syn
      ? transmitSyn(sk, sk.state === TcpState.SynRecv, why)
      : transmitData(sk, seq, rtx.bytes(i), marks, why);
  if (outcome === Outcome.Sent) rtx.setSent(i, sk.kernel.nowUs);
  return outcome;
}

/** tcp_retransmit_skb: resend and keep the books, also of a resend that failed. */
export function retransmit(sk: Sock, i: number, why: string): OutcomeCode {
  const { rtx } = sk;
  const originalUs = rtx.sentUs(i);
  const outcome = resend(sk, i, why);
  const sent = outcome === Outcome.Sent;
  if (sent) {
    // One that is still counted as under way is counted once more (retrans_out leaked).
    if (rtx.marks(i) & Mark.Retransmitting) takes('retransmission-counted-twice');
    sk.retransOut += rtx.segments(i);
    rtx.setMarks(i, rtx.marks(i) | Mark.Retransmitting | Mark.EverRetransmitted);
  } else if (!sk.kernel.linkUp) {
    // No route any more: what the death will be reported as (inet_sk_rebuild_header).
    sk.softError = 'ENETUNREACH';
  }
  sk.undoRetrans = Math.max(0, sk.undoRetrans) + rtx.segments(i);
  if (sk.retransStampMs === NEVER) {
    const stampUs = sent ? sk.kernel.nowUs : originalUs;
    sk.retransStampMs = Math.floor((stampUs + sk.kernel.phase.sinceTickUs) / 1000);
  }
  return outcome;
}
