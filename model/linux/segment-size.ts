/**
 * How large a segment is (RFC 9293 §3.7.1, RFC 6691): what the path's MTU leaves after the headers. It decides how long a frozen peer goes
 * unnoticed by a watch over the send queue, for a send buffer grows by the segment (tcp_sndbuf_expand).
 * Source: net/ipv4/tcp_output.c tcp_mtu_to_mss, tcp_current_mss, tcp_tso_autosize; net/ipv4/tcp_input.c tcp_sndbuf_expand.
 */
import {
  BURST_PACING_SHIFT,
  GSO_MAX_BYTES,
  SEGMENT_OVERHEAD_BYTES,
  SK_BUFF_BYTES,
  TIMESTAMP_OPTION_BYTES,
} from './constants.ts';

const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES = 20;

/** Headers of IP and TCP without options. */
export function headerBytes(addressFamily: 4 | 6): number {
  return (addressFamily === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES) + TCP_HEADER_BYTES;
}

/** The MSS option of a SYN: what fits into a packet without options. */
export function offeredMss(mtuBytes: number, addressFamily: 4 | 6): number {
  return mtuBytes - headerBytes(addressFamily);
}

/** Payload of a full segment; the timestamp option takes its share of each (RFC 6691). */
export function payloadMss(offered: number, timestamps: boolean): number {
  return timestamps ? offered - TIMESTAMP_OPTION_BYTES : offered;
}

/** Segments of one super-segment: gso_max_size over the MSS. */
export function mostSegments(mss: number): number {
  return Math.max(1, Math.floor(GSO_MAX_BYTES / mss));
}

/** What a segment counts for when the send buffer grows: itself and its headers in an area of a power of two, and its sk_buff. */
export function sendMemoryPerSegment(offered: number): number {
  const area = offered + SEGMENT_OVERHEAD_BYTES - SK_BUFF_BYTES;
  return 2 ** Math.ceil(Math.log2(area)) + SK_BUFF_BYTES;
}

/**
 * tcp_tso_autosize: the segments of one burst, about a millisecond of the pacing rate, and more the nearer the peer is: within half a
 * millisecond as much as there can be (net.ipv4.tcp_tso_rtt_log = 9).
 *
 * @param least net.ipv4.tcp_min_tso_segs
 */
export function burstSegments(
  bytesPerSecond: number,
  minRttUs: number,
  mss: number,
  least: number,
): number {
  const nearness = Math.floor(minRttUs / 512);
  const near = nearness < 32 ? GSO_MAX_BYTES >> nearness : 0;
  const bytes = Math.min(
    Math.floor(bytesPerSecond / 2 ** BURST_PACING_SHIFT) + near,
    GSO_MAX_BYTES,
  );
  return Math.max(Math.floor(bytes / mss), least);
}
