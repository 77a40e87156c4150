/**
 * The send buffer: how many bytes a write is allowed, and when a process that ran out of room is woken.
 * Source: net/ipv4/tcp.c tcp_sendmsg_locked; tcp_input.c tcp_sndbuf_expand, tcp_check_space;
 * include/net/sock.h sk_stream_memory_free, sk_stream_is_writeable.
 */
import { INITIAL_CWND } from '../../model/linux/constants.ts';
import { mostSegments, sendMemoryPerSegment } from '../../model/linux/segment-size.ts';
import { restartAfterIdle, sendBufferWindows } from './congestion.ts';
import { inFlight } from './send-sequence.ts';
import { pushPending, writeOut } from './output.ts';
import { sendMemory } from './send-memory.ts';
import { News, type Sock } from './tcp-sock.ts';
import { TcpState } from './types.ts';

/** tcp_sndbuf_expand: room for two or three congestion windows. */
export function expandSendBuffer(sk: Sock): void {
  const segments = Math.max(INITIAL_CWND, sk.cwnd, sk.kernel.sysctls.tcp_reordering + 1);
  const wanted = sendBufferWindows(sk) * segments * sendMemoryPerSegment(sk.offeredMss);
  if (wanted > sk.sendBuffer) {
    sk.sendBuffer = Math.min(wanted, sk.kernel.sysctls['tcp_wmem.2']);
  }
}

/** sk_stream_is_writeable: a third of the buffer is free. */
function writeable(sk: Sock): boolean {
  return sk.sendBuffer - sk.sendMemory >= sk.sendMemory >> 1;
}

/** tcp_check_space: after an ACK, wake the process that waits for room. */
export function makeRoom(sk: Sock): void {
  if (!sk.wantsSpace) return;
  if (!sk.sendBufferLocked && inFlight(sk) < sk.cwnd) expandSendBuffer(sk);
  if (!writeable(sk)) return;
  sk.wantsSpace = false;
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
  const room = unsent.length > 0 ? goal - unsent.last() : 0;
  const taken = Math.min(bytes, room > 0 ? room : goal);
  if (room > 0) {
    unsent.setLast(unsent.last() + taken);
    sk.sendMemory += taken;
  } else {
    if (sk.sendMemory >= sk.sendBuffer) return 0;
    restartAfterIdle(sk);
    unsent.push(taken);
    sk.sendMemory += sendMemory(taken);
  }
  sk.writeSeq += taken;
  return taken;
}

/**
 * tcp_sendmsg_locked, not blocking: fills buffers until memory runs out; what does not fit is the caller's.
 * Memory is looked at only when a buffer is begun, so the last one may go beyond the limit.
 */
export function write(sk: Sock, bytes: number): number {
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
    sk.pushedSeq = sk.writeSeq;
    pushPending(sk);
  }
  return accepted;
}

/** Queues the FIN behind what is still to be sent (tcp_send_fin). */
export function queueFin(sk: Sock): void {
  sk.finQueued = true;
  sk.writeSeq += 1;
  if (sk.unsent.length === 0) {
    sk.unsent.push(0);
    sk.sendMemory += sendMemory(0);
  }
  pushPending(sk);
}
