/**
 * The send buffer: how many bytes a write is allowed, and when a process that ran out of room is woken.
 * Source: net/ipv4/tcp.c tcp_sendmsg_locked; tcp_input.c tcp_sndbuf_expand, tcp_check_space;
 * include/net/sock.h sk_stream_memory_free, sk_stream_is_writeable.
 */
import { INITIAL_CWND } from '../../model/linux/constants.ts';
import { mostSegments, sendMemoryPerSegment } from '../../model/linux/segment-size.ts';
import { Chrono, startChrono, stopChrono } from './chrono.ts';
import { restartAfterIdle, sendBufferWindows } from './congestion.ts';
import { endsRecord, inFlight } from './send-sequence.ts';
import { pushPending, pushWithMore, writeOut } from './output.ts';
import { sendMemory } from './send-memory.ts';
import { News, type Sock } from './tcp-sock.ts';
import { Msg, TcpState } from './types.ts';

/** tcp_sndbuf_expand: room for two or three congestion windows. */
export function expandSendBuffer(sk: Sock): void {
  const segments = Math.max(INITIAL_CWND, sk.cwnd, sk.reordering + 1);
  const wanted = sendBufferWindows(sk) * segments * sendMemoryPerSegment(sk.offeredMss);
  if (wanted > sk.sendBuffer) {
    sk.sendBuffer = Math.min(wanted, sk.kernel.sysctls['tcp_wmem.2']);
  }
}

/** tcp_stream_memory_free: less than TCP_NOTSENT_LOWAT has not been sent; who is to be woken waits for less than half of it. */
function fewUnsent(sk: Sock, waking: boolean): boolean {
  const lowat = sk.notsentLowat === 0 ? sk.kernel.sysctls.tcp_notsent_lowat : sk.notsentLowat;
  const unsent = sk.writeSeq - sk.sndNxt;
  return (waking ? 2 * unsent : unsent) < lowat;
}

/** __sk_stream_is_writeable: a third of the buffer is free. */
function writeable(sk: Sock): boolean {
  return sk.sendBuffer - sk.sendMemory >= sk.sendMemory >> 1 && fewUnsent(sk, true);
}

/** tcp_check_space: after an ACK, wake the process that waits for room. */
export function makeRoom(sk: Sock): void {
  if (!sk.wantsSpace) return;
  if (!sk.sendBufferLocked && inFlight(sk) < sk.cwnd) expandSendBuffer(sk);
  wakeWriter(sk);
}

/** sk_stream_write_space. */
export function wakeWriter(sk: Sock): void {
  if (!sk.wantsSpace || !writeable(sk)) return;
  sk.wantsSpace = false;
  stopChrono(sk, Chrono.SendBuffer);
  sk.news |= News.Writable;
}

/** poll(2): POLLOUT, and if not, remember that somebody waits (tcp_poll). */
export function pollOut(sk: Sock): boolean {
  if (writeable(sk)) return true;
  sk.wantsSpace = true;
  return false;
}

/** TCP_MSS_DEFAULT: windows that never were larger than this are used whole. */
const TINY_WINDOW_BYTES = 536;

/** tcp_xmit_size_goal, tcp_bound_to_half_wnd: payload of one send buffer, a whole number of segments. */
export function sizeGoal(sk: Sock): number {
  const most = sk.maxWindow > TINY_WINDOW_BYTES ? sk.maxWindow >> 1 : sk.maxWindow;
  const segments = Math.min(mostSegments(sk.mss), Math.max(1, Math.floor(most / sk.mss)));
  return segments * sk.mss;
}

/** Whether new data may still be written. */
function mayWrite(sk: Sock): boolean {
  return (sk.state === TcpState.Established || sk.state === TcpState.CloseWait) && !sk.finQueued;
}

/** Copies up to `bytes` into the newest unsent buffer, a fresh one if that is full; 0 when memory has run out. */
function fill(sk: Sock, bytes: number, goal: number): number {
  const { unsent } = sk;
  const room = unsent.length > 0 && !endsRecord(sk, sk.writeSeq) ? goal - unsent.last() : 0;
  const taken = Math.min(bytes, room > 0 ? room : goal);
  if (room > 0) {
    unsent.setLast(unsent.last() + taken);
    sk.sendMemory += taken;
  } else {
    if (sk.sendMemory >= sk.sendBuffer || !fewUnsent(sk, false)) return 0;
    restartAfterIdle(sk);
    sk.pushesOnce = false;
    if (unsent.length === 0) startChrono(sk, Chrono.Busy);
    unsent.push(taken);
    sk.sendMemory += sendMemory(taken);
  }
  sk.writeSeq += taken;
  return taken;
}

/** Remembers the end of a record (MSG_EOR), and forgets those that have been acknowledged. */
function endRecord(sk: Sock): void {
  const { recordEnds } = sk;
  while (recordEnds.length > 0 && (recordEnds[0] as number) <= sk.sndUna) recordEnds.shift();
  recordEnds.push(sk.writeSeq);
}

/**
 * tcp_sendmsg_locked, not blocking: fills buffers until memory runs out; what does not fit is the caller's.
 * Memory is looked at only when a buffer is begun, so the last one may go beyond the limit.
 *
 * @param flags {@link Msg}
 */
export function write(sk: Sock, bytes: number, flags: number): number {
  if (!mayWrite(sk) || sk.orphan) return 0;
  const goal = sizeGoal(sk);
  let left = bytes;
  while (left > 0) {
    const taken = fill(sk, left, goal);
    if (taken === 0) {
      sk.wantsSpace = true;
      break;
    }
    left -= taken;
    if (left === 0 || sk.unsent.last() < goal) continue;
    // A full buffer leaves at once: all of them after half the peer's window, else the first alone.
    if (sk.writeSeq > sk.pushedSeq + (sk.maxWindow >> 1)) {
      sk.pushedSeq = sk.writeSeq;
      pushPending(sk);
    } else if (sk.unsent.length === 1) {
      writeOut(sk, 'one');
    }
  }
  const accepted = bytes - left;
  sk.bytesWritten += accepted;
  if (accepted > 0) {
    if (flags & Msg.EndOfRecord && left === 0) endRecord(sk);
    pushWritten(sk, (flags & Msg.MoreFollows) !== 0);
  }
  return accepted;
}

/** tcp_push. */
function pushWritten(sk: Sock, moreFollows: boolean): void {
  if (!moreFollows || sk.writeSeq > sk.pushedSeq + (sk.maxWindow >> 1)) sk.pushedSeq = sk.writeSeq;
  if (moreFollows) pushWithMore(sk);
  else pushPending(sk);
}

/** Queues the FIN behind what is still to be sent (tcp_send_fin). */
export function queueFin(sk: Sock): void {
  sk.finQueued = true;
  sk.writeSeq += 1;
  if (sk.unsent.length === 0) {
    startChrono(sk, Chrono.Busy);
    sk.unsent.push(0);
    sk.sendMemory += sendMemory(0);
  }
  pushPending(sk);
}
