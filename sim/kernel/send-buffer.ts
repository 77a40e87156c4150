/**
 * The send buffer: how many bytes a write is allowed, and when a process that ran out of room is woken.
 * Source: net/ipv4/tcp.c tcp_sendmsg_locked; tcp_input.c tcp_sndbuf_expand, tcp_check_space;
 * include/net/sock.h sk_stream_memory_free, sk_stream_is_writeable.
 */
import {
  GSO_MAX_SEGMENTS,
  INITIAL_CWND,
  MSS,
  MIN_BURST_SEGMENTS,
  SEND_MEMORY_PER_SEGMENT_BYTES,
} from './constants.ts';
import { inFlight } from './flight.ts';
import { pushPending } from './output.ts';
import { sendMemory } from './send-memory.ts';
import type { Sock } from './sock.ts';
import { TcpState } from './types.ts';

/** tcp_sndbuf_expand: room for two congestion windows. */
export function expandSendBuffer(sk: Sock): void {
  const segments = Math.max(INITIAL_CWND, sk.cwnd, sk.kernel.sysctls.tcp_reordering + 1);
  const wanted = 2 * segments * SEND_MEMORY_PER_SEGMENT_BYTES;
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
  sk.newsWritable = true;
}

/** poll(2): POLLOUT, and if not, remember that somebody waits (tcp_poll). */
export function pollOut(sk: Sock): boolean {
  if (writeable(sk)) return true;
  sk.wantsSpace = true;
  return false;
}

/** tcp_xmit_size_goal: payload of one send buffer, a whole number of segments. */
export function sizeGoal(sk: Sock): number {
  if (!sk.kernel.offload) return MIN_BURST_SEGMENTS * MSS;
  const half = sk.maxWindow >> 1;
  const segments = Math.min(GSO_MAX_SEGMENTS, Math.max(1, Math.floor(half / MSS)));
  return segments * MSS;
}

/** Whether new data may still be written. */
function mayWrite(sk: Sock): boolean {
  return (sk.state === TcpState.Established || sk.state === TcpState.CloseWait) && !sk.finQueued;
}

/** tcp_sendmsg, not blocking: fills buffers until memory runs out; what does not fit is the caller's. */
export function write(sk: Sock, bytes: number): number {
  if (!mayWrite(sk) || sk.orphan) return 0;
  const goal = sizeGoal(sk);
  let left = bytes;
  while (left > 0) {
    const room = sk.unsent.length > 0 ? goal - sk.unsent.last() : 0;
    if (room <= 0) {
      if (sk.sendMemory >= sk.sendBuffer) {
        sk.wantsSpace = true;
        break;
      }
      const taken = Math.min(left, goal);
      sk.unsent.push(taken);
      sk.sendMemory += sendMemory(sk, taken);
      left -= taken;
      sk.writeSeq += taken;
    } else {
      const taken = Math.min(left, room);
      const before = sk.unsent.last();
      sk.unsent.setLast(before + taken);
      sk.sendMemory += sendMemory(sk, before + taken) - sendMemory(sk, before);
      left -= taken;
      sk.writeSeq += taken;
    }
    if (sk.writeSeq > sk.pushedSeq + (sk.maxWindow >> 1)) {
      sk.pushedSeq = sk.writeSeq;
      pushPending(sk);
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
    sk.sendMemory += sendMemory(sk, 0);
  }
  pushPending(sk);
}
