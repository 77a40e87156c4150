/**
 * The tail loss probe (RFC 8985 §7): before the retransmission timeout proper, one segment is sent
 * to provoke an answer. It is neither counted nor backed off, and the timeout starts over after it:
 * that is why the first two gaps of a dead connection are often equal.
 * Source: net/ipv4/tcp_output.c tcp_schedule_loss_probe, tcp_send_loss_probe.
 */
import { INITIAL_RTO_MS, MSS, PROBE_SLACK_US } from './constants.ts';
import { headFitsWindow, rearmRetransmit, untilRetransmitUs, writeOut } from './output.ts';
import { Mark } from './queues.ts';
import { resend } from './retransmit.ts';
import { Congestion, NEVER, Pending, type Sock } from './sock.ts';
import { armWriteTimer } from './timers.ts';

/**
 * Arms the probe where one is allowed; false where the plain timeout must do.
 *
 * @param ackAdvanced called for an ACK: then the timeout to stay below counts from now
 */
export function scheduleTailLossProbe(sk: Sock, ackAdvanced: boolean): boolean {
  const { kernel } = sk;
  const { tcp_early_retrans: mode, tcp_sack: sack } = kernel.sysctls;
  if (mode < 3 || sack === 0 || sk.packetsOut === 0 || sk.congestion !== Congestion.Open) {
    return false;
  }
  let delayJ = kernel.ms(INITIAL_RTO_MS);
  if (sk.srtt8 > 0) {
    const slackUs = sk.packetsOut === 1 ? sk.rtoMinUs : PROBE_SLACK_US;
    delayJ = kernel.us(Math.floor(sk.srtt8 / 4) + slackUs);
  }
  const leftUs = ackAdvanced ? sk.rtoJ * kernel.phase.tickUs : untilRetransmitUs(sk);
  if (leftUs > 0) delayJ = Math.min(delayJ, kernel.us(leftUs));
  armWriteTimer(sk, Pending.TailLossProbe, delayJ);
  return true;
}

/** The probe timer has expired. */
export function sendTailLossProbe(sk: Sock): void {
  if (sk.tlpHighSeq === NEVER && probe(sk)) {
    sk.tlpHighSeq = sk.sndNxt;
    // Without a meaning the timer below counts its full time from now.
    sk.pending = Pending.None;
  }
  rearmRetransmit(sk);
}

/** Sends new data if the window allows, else the last segment again. */
function probe(sk: Sock): boolean {
  if (sk.unsent.length > 0 && headFitsWindow(sk)) {
    const before = sk.packetsOut;
    writeOut(sk, 'probe');
    return sk.packetsOut > before;
  }
  if (sk.rtx.length === 0) return false;
  let last = sk.rtx.length - 1;
  const segments = sk.rtx.segments(last);
  if (segments > 1) {
    sk.rtx.split(last, sk.rtx.seq(last) + (segments - 1) * MSS);
    last += 1;
  }
  if (!resend(sk, last, 'tlp')) return false;
  sk.rtx.setMarks(last, sk.rtx.marks(last) | Mark.EverRetransmitted);
  return true;
}

/** tcp_process_tlp_ack: the probe's episode is over once it is acknowledged. */
export function processTailLossProbeAck(sk: Sock, ackSeq: number): void {
  if (sk.tlpHighSeq !== NEVER && ackSeq >= sk.tlpHighSeq) {
    sk.tlpHighSeq = NEVER;
  }
}
