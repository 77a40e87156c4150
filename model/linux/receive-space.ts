/**
 * How a receive buffer grows (dynamic right-sizing) as steps on numbers: the receiver estimates the round trip, and makes room for twice what
 * its process has read within one.
 *
 * The round trip is the receiver's own estimate, not the sender's of the same socket: from the timestamps that come back with full segments,
 * else from how long a whole window takes to arrive, of which the shortest counts. What still lies unread counts against a reader.
 * Source: net/ipv4/tcp_input.c tcp_rcv_rtt_update, tcp_rcv_rtt_measure, tcp_rcv_rtt_measure_ts, tcp_rcv_space_adjust, tcp_rcvbuf_grow.
 */
import { SHARED_INFO_BYTES, SK_BUFF_BYTES } from './constants.ts';
import type { KernelProfile } from './sysctls.ts';

/**
 * tcp_rcv_rtt_update: the estimate, times eight, after a sample; 0 = none yet.
 *
 * @param byWindow the sample is the time of a whole window, which says nothing but "no longer than that"
 * @param unread something lies unread: since 6.16 a larger sample then only shows how slow the reader is
 */
export function receiverRtt8(
  rtt8: number,
  sampleUs: number,
  byWindow: boolean,
  unread: boolean,
  profile: KernelProfile,
): number {
  const sample8 = 8 * sampleUs;
  if (rtt8 === 0 || sample8 < rtt8) return sample8;
  if (byWindow || (unread && profile === '6.18')) return rtt8;
  return rtt8 - Math.floor(rtt8 / 8) + sampleUs;
}

/**
 * tcp_rcvbuf_grow: the window to make room for, when `copied` bytes were read in a round trip and `before` in the one before: twice as
 * much, and as much again as the sender may speed up by. Until 6.16 with a cushion of 16 segments.
 */
export function windowWanted(
  copied: number,
  before: number,
  mss: number,
  profile: KernelProfile,
): number {
  const window = copied * 2 + (profile === '6.18' ? 0 : 16 * mss);
  return window + 2 * Math.floor((window * (copied - before)) / before);
}

/** PAGE_SIZE, and the most pages that are taken at once (PAGE_ALLOC_COSTLY_ORDER). */
const PAGE_BYTES = 4096;
const MOST_PAGES = 8;

/**
 * skb->truesize of a frame in a buffer of its driver: an area of a power of two with everything in it, or, what is larger than a page, its
 * head in such an area and the rest in pages (tun_alloc_skb, alloc_skb_with_frags).
 */
export function driverBufferBytes(frameBytes: number): number {
  const whole = frameBytes < PAGE_BYTES;
  const area = 2 ** Math.ceil(Math.log2((whole ? frameBytes : HEAD_BYTES) + SHARED_INFO_BYTES));
  return SK_BUFF_BYTES + area + (whole ? 0 : pagesBytes(frameBytes - HEAD_BYTES));
}

/** NET_SKB_PAD of a frame whose data lies in pages. */
const HEAD_BYTES = 64;

function pagesBytes(bytes: number): number {
  let left = bytes;
  let pages = 0;
  while (left > 0) {
    let chunk = MOST_PAGES;
    while (chunk > 1 && Math.ceil(left / PAGE_BYTES) < chunk) chunk /= 2;
    pages += chunk;
    left -= chunk * PAGE_BYTES;
  }
  return pages * PAGE_BYTES;
}
