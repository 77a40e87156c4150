/**
 * What the send queue costs in kernel memory (truesize): that, and not payload, fills the send buffer.
 * Source: net/ipv4/tcp.c tcp_stream_alloc_skb; include/linux/skbuff.h SKB_TRUESIZE.
 */
import { SEGMENT_OVERHEAD_BYTES } from '../../model/linux/constants.ts';
import type { Sock } from './tcp-sock.ts';

/**
 * Kernel memory of one send buffer with `bytes` of payload. Whatever the network card can do, TCP builds buffers
 * of up to 64 KB (generic segmentation offload); each has one head, and its payload lies in page
 * fragments that are counted by the byte.
 */
export function sendMemory(bytes: number): number {
  return bytes + SEGMENT_OVERHEAD_BYTES;
}

/** tcp_fragment: cuts buffer `i` of those sent in two; the second one gets a head of its own. */
export function splitSent(sk: Sock, i: number, atSeq: number): void {
  const { rtx } = sk;
  const whole = sendMemory(rtx.bytes(i));
  rtx.split(i, atSeq);
  sk.sendMemory += sendMemory(rtx.bytes(i)) + sendMemory(rtx.bytes(i + 1)) - whole;
}
