/**
 * Sending new data: what the window, the congestion window and Nagle allow (tcp_write_xmit), and
 * which timer watches over it.
 * Source: net/ipv4/tcp_output.c.
 */
import { Timer } from '../../model/linux/timers.ts';
import { burstSegments, mostSegments } from '../../model/linux/segment-size.ts';
import { windowProbeBaseJ } from '../../model/linux/window-probe-timer.ts';
import { Chrono, startChrono, stopChrono } from './chrono.ts';
import { inReduction, validateCwnd } from './congestion.ts';
import { endsRecord, headFitsWindow, headHasFin, inFlight, windowEnd } from './send-sequence.ts';
import { rearmRetransmit } from './retransmit-timeout.ts';
import { scheduleTailLossProbe } from './tail-loss-probe-timer.ts';
import { nagleAllows } from './nagle.ts';
import { Mark, segmentsOf } from './queues.ts';
import { sendMemory } from './send-memory.ts';
import type { Sock } from './tcp-sock.ts';
import { armWriteTimer } from './timers.ts';
import { Outcome, transmitData, type OutcomeCode } from './transmit.ts';

/** Segments that leave as one: of a path that passes whole buffers on, as many as a buffer holds. */
function segmentsAtOnce(sk: Sock): number {
  if (sk.kernel.offload === 'path') return mostSegments(sk.mss);
  return burstOf(sk);
}

/** tcp_tso_autosize by the pacing rate of the moment. */
export function burstOf(sk: Sock): number {
  if (sk.srtt8 === 0) return mostSegments(sk.mss);
  const boost = sk.cwnd < sk.ssthresh / 2 ? 2 : 1.2;
  const bytesPerSecond = (boost * sk.cwnd * sk.mss * 8_000_000) / sk.srtt8;
  return burstSegments(bytesPerSecond, sk.minRttUs, sk.mss, sk.kernel.sysctls.tcp_min_tso_segs);
}

/** tcp_grow_skb: a head shorter than the burst takes over bytes of the buffer behind it. */
function growHead(sk: Sock, segments: number): void {
  const { unsent } = sk;
  if (unsent.length < 2 || endsRecord(sk, sk.sndNxt + unsent.first())) return;
  const amount = Math.min(segments * sk.mss - unsent.first(), unsent.second());
  if (amount <= 0) return;
  const before = sendMemory(unsent.first()) + sendMemory(unsent.second());
  const rest = unsent.second() - amount;
  unsent.mergeFirst(amount);
  sk.sendMemory += sendMemory(unsent.first()) + (rest > 0 ? sendMemory(rest) : 0) - before;
}

/** How much of the head to send at once (tcp_mss_split_point). */
function sendableBytes(sk: Sock, segments: number, atOnce: boolean, more: boolean): number {
  const length = sk.unsent.first();
  const window = windowEnd(sk) - sk.sndNxt;
  const most = segments * sk.mss;
  const needed = Math.min(length, window);
  if (most <= needed) return most;
  const partial = needed % sk.mss;
  if (needed > sk.mss && partial !== 0 && !atOnce && !nagleAllows(sk, partial, false, more))
    return needed - partial;
  return needed;
}

/** Moves the head, or its first `bytes`, to the retransmit queue (tcp_event_new_data_sent). */
function newDataSent(sk: Sock, bytes: number, marks: number): void {
  const fin = (marks & Mark.Fin) !== 0;
  const hadPackets = sk.packetsOut > 0;
  const end = sk.sndNxt + bytes + (fin ? 1 : 0);
  sk.rtx.push(sk.sndNxt, end, sk.kernel.nowUs, marks);
  if (bytes === sk.unsent.first()) {
    sk.unsent.shift();
  } else {
    // The buffer is cut in two.
    const whole = sk.unsent.first();
    sk.unsent.setFirst(whole - bytes);
    sk.sendMemory += sendMemory(bytes) + sendMemory(whole - bytes) - sendMemory(whole);
  }
  if (bytes > 0 && bytes < sk.mss) sk.sndSml = end;
  if (fin) sk.finSent = true;
  sk.sndNxt = end;
  sk.packetsOut += segmentsOf(bytes, sk.mss);
  if (!hadPackets || sk.pending === Timer.TailLossProbe) rearmRetransmit(sk);
}

/**
 * Sends the first `bytes` of the head; what the own host did not let out stays there. PSH goes with the end of a
 * write, with several segments sent as one (__tcp_transmit_skb), and with a probe of a window (tcp_write_wakeup).
 */
export function sendHead(sk: Sock, bytes: number, why: string): OutcomeCode {
  const whole = bytes === sk.unsent.first();
  const fin = whole && headHasFin(sk) ? Mark.Fin : 0;
  const push = bytes > sk.mss || (bytes > 0 && (whole || why === 'window-probe')) ? Mark.Push : 0;
  const marks = fin | push;
  if (bytes > sk.mss && sk.kernel.offload === 'path') sk.burstBytes = burstOf(sk) * sk.mss;
  const outcome = transmitData(sk, sk.sndNxt, bytes, marks, fin && bytes === 0 ? 'fin' : why);
  if (outcome === Outcome.Sent) newDataSent(sk, bytes, marks);
  return outcome;
}

/** tcp_cwnd_test: how many segments may leave now. */
function congestionQuota(sk: Sock): number {
  const flying = inFlight(sk);
  if (flying >= sk.cwnd) return 0;
  return Math.min(Math.max(sk.cwnd >> 1, 1), sk.cwnd - flying);
}

/**
 * How {@link writeOut} is called: everything that may leave, or that may leave without Nagle (TCP_NAGLE_OFF), or with more to follow
 * (TCP_NAGLE_CORK); one buffer of a write that goes on (tcp_push_one); one segment as a tail loss probe, for which neither Nagle nor a
 * full congestion window counts.
 */
export type WriteMode = 'all' | 'at-once' | 'more' | 'one' | 'probe';

/** tcp_write_xmit. Returns true when nothing is in flight although data waits. */
export function writeOut(sk: Sock, mode: WriteMode): boolean {
  const probing = mode === 'probe';
  const atOnce = probing || mode === 'at-once';
  const more = mode === 'more';
  let sent = false;
  let limited = false;
  let windowShut = false;
  sk.stampUs = sk.kernel.nowUs;
  while (sk.unsent.length > 0) {
    let quota = congestionQuota(sk);
    if (quota === 0) {
      limited = true;
      if (!probing) break;
      quota = 1;
    }
    const segments = probing ? 1 : Math.min(quota, segmentsAtOnce(sk));
    growHead(sk, segments);
    if (!headFitsWindow(sk)) {
      windowShut = true;
      break;
    }
    const length = sk.unsent.first();
    if (!atOnce && length <= sk.mss && !nagleAllows(sk, length, headHasFin(sk), more)) break;
    const why = probing ? 'tlp' : 'data';
    const before = sk.packetsOut;
    if (sendHead(sk, sendableBytes(sk, segments, atOnce, more), why) !== Outcome.Sent) break;
    sent = true;
    if (inReduction(sk)) sk.prrOut += sk.packetsOut - before;
    if (mode === 'one' || probing) break;
  }
  if (windowShut) startChrono(sk, Chrono.ReceiveWindow);
  else stopChrono(sk, Chrono.ReceiveWindow);
  limited ||= inFlight(sk) >= sk.cwnd;
  if (sent || limited) validateCwnd(sk, limited);
  if (!sent) return sk.packetsOut === 0 && sk.unsent.length > 0;
  if (!probing) scheduleTailLossProbe(sk, false);
  return false;
}

/** __tcp_push_pending_frames: send, and if the window is shut watch over what stays behind. */
export function pushPending(sk: Sock): void {
  if (sk.unsent.length > 0 && writeOut(sk, 'all')) watchClosedWindow(sk);
}

/** The same for a write after which the process has more (MSG_MORE). */
export function pushWithMore(sk: Sock): void {
  if (sk.unsent.length > 0 && writeOut(sk, 'more')) watchClosedWindow(sk);
}

/** The same as F-RTO does it, without Nagle. */
export function pushAtOnce(sk: Sock): void {
  if (sk.unsent.length > 0 && writeOut(sk, 'at-once')) watchClosedWindow(sk);
}

/** tcp_check_probe_timer: nothing pending, nothing in flight, data waits. */
export function watchClosedWindow(sk: Sock): void {
  if (sk.packetsOut > 0 || sk.pending !== Timer.None) return;
  armWriteTimer(sk, Timer.WindowProbe, windowProbeBaseJ(sk.rtoJ, sk.kernel.phase.hz));
}
