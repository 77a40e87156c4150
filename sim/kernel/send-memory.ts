/**
 * What the send queue costs in kernel memory (truesize): that, and not payload, fills the send buffer.
 * Source: net/ipv4/tcp.c tcp_stream_alloc_skb; include/linux/skbuff.h SKB_TRUESIZE.
 */
import { SEND_OVERHEAD_PER_BURST_BYTES, SEND_OVERHEAD_PER_SEGMENT_BYTES } from './constants.ts';
import { segmentsOf } from './queues.ts';
import type { Sock } from './sock.ts';

/**
 * Kernel memory of one send buffer with `bytes` of payload. With offload a buffer of up to 64 KB has one
 * head; without it the payload is cut into segments, each with its own.
 */
export function sendMemory(sk: Sock, bytes: number): number {
  if (sk.kernel.offload) return bytes + SEND_OVERHEAD_PER_BURST_BYTES;
  return bytes + segmentsOf(bytes) * SEND_OVERHEAD_PER_SEGMENT_BYTES;
}

/** tcp_fragment: cuts buffer `i` of those sent in two; the second one gets a head of its own. */
export function splitSent(sk: Sock, i: number, atSeq: number): void {
  const { rtx } = sk;
  const whole = sendMemory(sk, rtx.bytes(i));
  rtx.split(i, atSeq);
  sk.sendMemory += sendMemory(sk, rtx.bytes(i)) + sendMemory(sk, rtx.bytes(i + 1)) - whole;
}
