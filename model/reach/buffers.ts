/**
 * How long a server goes on writing to a peer that takes nothing any more, as intervals: until its kernel refuses a write, and until
 * user space holds so much that the application stops.
 *
 * Kernel memory fills the send buffer, and not payload: every buffer has a head. What is written before the first retransmission leaves in
 * buffers of its own; after that small writes are gathered in buffers of half the peer's window, and memory is looked at only when one is begun.
 * Source: net/ipv4/tcp.c tcp_sendmsg_locked, tcp_xmit_size_goal; tcp_input.c tcp_sndbuf_expand.
 */
import {
  GSO_MAX_SEGMENTS,
  INITIAL_CWND,
  MSS,
  SEGMENT_OVERHEAD_BYTES,
  SHARED_INFO_BYTES,
  SK_BUFF_BYTES,
  SEND_MEMORY_PER_SEGMENT_BYTES,
} from '../linux/constants.ts';
import { sysctlTable } from '../linux/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Setting, Span } from './setting.ts';

/** The window that a receiver with the default buffer offers at first, bytes. */
const FIRST_WINDOW_BYTES = 65_160;

/** NET_SKB_PAD, and the IP and TCP headers with timestamps: in a driver's buffer beside the payload. */
const DRIVER_HEADROOM_BYTES = 64 + 52;

/** The largest scale of a window with the default limit of a receive buffer. */
const WINDOW_UNIT_BYTES = 128;

/** From the first stuck write on, µs. */
export interface FillTimes {
  readonly blocked: Span;
  readonly full: Span;
}

/**
 * Half the largest window that a buffer of `space` can offer, in whole segments: its share of the memory is what payload has of it in messages of so
 * many bytes, packed by offload or one driver's buffer each (tcp_measure_rcv_mss), and the window is rounded up to its scale.
 */
function largestGoal(bytes: number, space: number): number {
  const segment = Math.min(bytes, MSS);
  const driver = 2 ** Math.ceil(Math.log2(segment + DRIVER_HEADROOM_BYTES + SHARED_INFO_BYTES));
  const share = Math.max(
    1 / 2,
    bytes / (bytes + SEGMENT_OVERHEAD_BYTES),
    segment / (driver + SK_BUFF_BYTES),
  );
  const segments = Math.floor((space * share + WINDOW_UNIT_BYTES) / 2 / MSS);
  return Math.min(GSO_MAX_SEGMENTS, segments) * MSS;
}

/**
 * @param swallowsBytes what the peer reads before it takes nothing any more, if its kernel takes and acknowledges; null = it does not
 * @param leaves whether what is written leaves the own host; what does not is gathered in buffers of any length (tcp_grow_skb)
 * @throws NotModelled where the buffers grow with the flow
 */
export function fillTimesUs(
  setting: Setting,
  scenario: Scenario,
  swallowsBytes: number | null,
  leaves = true,
): FillTimes {
  const { writes, rttUs, kernel } = setting;
  if (writes === null) {
    return { blocked: { lo: Infinity, hi: Infinity }, full: { lo: Infinity, hi: Infinity } };
  }
  const { bytes, everyUs } = writes;
  const client = sysctlsOf(scenario, 'client');
  const server = sysctlsOf(scenario, 'server');
  const perRoundTrip = bytes * Math.ceil((rttUs + setting.ackDelayUs) / everyUs);
  const light = perRoundTrip <= (INITIAL_CWND / 2) * MSS;
  if (!light || client['tcp_rmem.1'] !== sysctlTable['tcp_rmem.1'].default) {
    throw new NotModelled('buffers that grow with the flow');
  }
  if (scenario.server.sendPath === 'locked') throw new NotModelled('a locked send path that fills');
  const wanted = 2 * INITIAL_CWND * SEND_MEMORY_PER_SEGMENT_BYTES;
  const limit = Math.max(server['tcp_wmem.1'], Math.min(wanted, server['tcp_wmem.2']));
  const goal = Math.floor(FIRST_WINDOW_BYTES / 2 / MSS) * MSS;
  // Until the first retransmission: a probe's wait and a timeout, and one more of each that a write puts off.
  const openUs = (4 * kernel.rto.hi + 4) * kernel.tickUs;
  const own = Math.min(INITIAL_CWND, Math.ceil(openUs / everyUs) + 2);
  const largest = largestGoal(bytes, client['tcp_rmem.1']);
  let least = Infinity;
  let most = leaves ? 0 : limit + largest + bytes;
  for (let full = goal; full <= largest; full += MSS) {
    for (let alone = 0; alone <= own; alone += 1) {
      const left = Math.max(0, limit - alone * (bytes + SEGMENT_OVERHEAD_BYTES));
      const held = alone * bytes + Math.ceil(left / (full + SEGMENT_OVERHEAD_BYTES)) * full;
      least = Math.min(least, held);
      most = Math.max(most, held);
    }
  }
  const absorbed =
    swallowsBytes === null
      ? { lo: 0, hi: 0 }
      : {
          lo: swallowsBytes + FIRST_WINDOW_BYTES - INITIAL_CWND * MSS,
          // A receive buffer grows with what was read before, by how much is not followed.
          hi: Infinity,
        };
  const under = Math.ceil((rttUs + setting.ackDelayUs) / everyUs);
  const { userQueueBytes } = scenario.server;
  const between = (userBytes: number): Span => ({
    lo: Math.max(0, Math.floor((least + absorbed.lo + userBytes) / bytes) - own) * everyUs,
    // What is on its way at the first stuck write may be acknowledged, and makes room again.
    hi: (Math.ceil((most + absorbed.hi + userBytes) / bytes) + under + 1) * everyUs,
  });
  return { blocked: between(0), full: between(Math.max(1, userQueueBytes)) };
}
