/**
 * How a receive buffer grows (dynamic right-sizing) as steps on numbers: the receiver estimates the round trip, and makes room for twice what
 * its process has read within one.
 *
 * The round trip is the receiver's own estimate, not the sender's of the same socket: from the timestamps that come back with full segments,
 * else from how long a whole window takes to arrive, of which the shortest counts. What still lies unread counts against a reader.
 * Source: net/ipv4/tcp_input.c tcp_rcv_rtt_update, tcp_rcv_rtt_measure, tcp_rcv_rtt_measure_ts, tcp_rcv_space_adjust, tcp_rcvbuf_grow.
 */
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
