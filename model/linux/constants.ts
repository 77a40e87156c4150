/** Compile-time constants of the kernel's TCP, in the unit their name ends with. */

/** Payload of a full segment on Ethernet with timestamps: 1500 − 20 − 20 − 12. */
export const MSS = 1448;

/** Options that every segment after the handshake carries (TCPOLEN_TSTAMP_ALIGNED). */
export const TIMESTAMP_OPTION_BYTES = 12;

/** TCP_INIT_CWND, RFC 6928. */
export const INITIAL_CWND = 10;

/** TCP_INFINITE_SSTHRESH. */
export const INFINITE_SSTHRESH = 0x7fffffff;

/** TCP_TIMEOUT_INIT: RTO before the first round trip is known, RFC 6298 §2.1. */
export const INITIAL_RTO_MS = 1000;

/** TCP_RTO_MAX_SEC: the largest timeout anything may be set to. */
export const RTO_MAX_MS = 120_000;

/** TCP_TIMEOUT_FALLBACK: RTO when the handshake gave no sample, RFC 6298 §5.7. */
export const FALLBACK_RTO_MS = 3000;

/** TCP_TIMEWAIT_LEN: also the longest a light FIN_WAIT2 socket lives. */
export const TIME_WAIT_MS = 60_000;

/** TCP_FIN_TIMEOUT_MAX: TCP_LINGER2 is clamped to it. */
export const FIN_TIMEOUT_MAX_MS = 120_000;

/** TCP_ATO_MIN and TCP_DELACK_MIN: HZ/25. */
export const DELAYED_ACK_MIN_MS = 40;

/** TCP_DELACK_MAX: HZ/5. */
export const DELAYED_ACK_MAX_MS = 200;

/** TCP_MAX_QUICKACKS. */
export const MAX_QUICK_ACKS = 16;

/** TCP_THIN_LINEAR_RETRIES. */
export const THIN_LINEAR_RETRIES = 6;

/** TCP_RTO_MIN: base of the zero-window probe interval. */
export const PROBE_BASE_MS = 200;

/** ilog2(600) + 1 (tcp_probe0_when): the shift of the probe interval stops here. */
export const PROBE_SHIFT_LIMIT = 10;

/** TCP_TIMEOUT_MIN_US: slack of the tail loss probe when several segments are out. */
export const PROBE_SLACK_US = 2000;

/** TCP_RESOURCE_PROBE_INTERVAL, HZ/2: until the own queue, which dropped a packet, is tried again. */
export const RESOURCE_PROBE_MS = 500;

/** sk_gso_max_size of an interface that says nothing: GSO_LEGACY_MAX_SIZE without MAX_TCP_HEADER and a byte (sk_setup_caps). */
export const GSO_MAX_BYTES = 65_536 - 257;

/** Segments of one super-segment of the usual MSS. */
export const GSO_MAX_SEGMENTS = 45;

/** MTU of Ethernet, bytes. */
export const ETHERNET_MTU_BYTES = 1500;

/** net.ipv4.icmp_ratelimit, its default: a router speaks to one host once in this time, after a burst. */
export const ICMP_RATE_LIMIT_MS = 1000;

/** TCP_ORPHAN_TIMER_PERIOD: how often a machine counts its orphans. */
export const ORPHAN_SAMPLE_MS = 100;

/** MAX_TCP_HEADER: room for all headers in front of a segment, on a host without wireless interfaces and tunnels. */
const MAX_TCP_HEADER_BYTES = 256;

/** net.core.rmem_max at boot (SK_RMEM_MAX): the window scale is chosen for a buffer that large at least; 4 MB since Linux 6.16. */
export const RECEIVE_BUFFER_MAX_BYTES = { '6.12': 212_992, '6.18': 4_194_304 } as const;

/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)). */
export const SHARED_INFO_BYTES = 320;

/** SKB_DATA_ALIGN(sizeof(struct sk_buff)). */
export const SK_BUFF_BYTES = 256;

/**
 * Kernel memory of a buffer beside its payload: SKB_TRUESIZE(MAX_TCP_HEADER) (tcp_stream_alloc_skb). Linux 6.18.44
 * shows the same 832 bytes by SO_MEMINFO: ten unacknowledged bytes written one by one take 8330. Where the path passes
 * buffers on whole, the sender's head and sk_buff arrive with them: 1856 bytes for the first unread segment
 * of 1024, and 1024 more for each of the next 16.
 */
export const SEGMENT_OVERHEAD_BYTES = MAX_TCP_HEADER_BYTES + SK_BUFF_BYTES + SHARED_INFO_BYTES;

/** MAX_SKB_FRAGS: so many buffers can be merged into one. */
export const MAX_SKB_FRAGS = 17;

/** The shift of the pacing rate that sizes a burst (tcp_tso_autosize). */
export const BURST_PACING_SHIFT = 10;

/**
 * What a segment counts for when the send buffer grows (tcp_sndbuf_expand): 1460 bytes, MAX_TCP_HEADER and
 * skb_shared_info, together 2036, in an area of a power of two, and its sk_buff.
 */
export const SEND_MEMORY_PER_SEGMENT_BYTES = 2048 + SK_BUFF_BYTES;

/** An acknowledgement is sent so long after its segment at the latest, ms: TCP_DELACK_MAX and its timer's bucket (tcp_output.c). */
export const LATEST_ACKNOWLEDGEMENT_MS = 210;
