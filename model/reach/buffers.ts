/**
 * How long a server goes on writing to a peer that takes nothing any more, as intervals: until its kernel refuses a write, and until
 * user space holds so much that the application stops.
 *
 * Kernel memory fills the send buffer, and not payload: every buffer has a head. What is written before the first retransmission leaves in
 * buffers of its own; after that small writes are gathered in buffers of half the peer's window, and memory is looked at only when one is begun.
 * Source: net/ipv4/tcp.c tcp_sendmsg_locked, tcp_xmit_size_goal; tcp_input.c tcp_sndbuf_expand.
 */
import {
  INITIAL_CWND,
  MSS,
  SEGMENT_OVERHEAD_BYTES,
  SEND_MEMORY_PER_SEGMENT_BYTES,
} from '../linux/constants.ts';
import { sysctlTable } from '../linux/sysctls.ts';
import type { Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Setting, Span } from './setting.ts';

/** The window that a receiver with the default buffer offers at first, bytes. */
const FIRST_WINDOW_BYTES = 65_160;

/** From the first stuck write on, µs. */
export interface FillTimes {
  readonly blocked: Span;
  readonly full: Span;
}

/**
 * @param swallowsBytes what the peer reads before it takes nothing any more, if its kernel takes and acknowledges; null = it does not
 * @throws NotModelled where the buffers grow with the flow
 */
export function fillTimesUs(
  setting: Setting,
  scenario: Scenario,
  swallowsBytes: number | null,
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
  let least = Infinity;
  for (let alone = 0; alone <= own; alone += 1) {
    const left = Math.max(0, limit - alone * (bytes + SEGMENT_OVERHEAD_BYTES));
    const gathered = Math.ceil(left / (goal + SEGMENT_OVERHEAD_BYTES)) * goal;
    least = Math.min(least, alone * bytes + gathered);
  }
  const most = Math.ceil(limit / (goal + SEGMENT_OVERHEAD_BYTES)) * goal + INITIAL_CWND * bytes;
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
