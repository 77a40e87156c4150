/**
 * How long a writer whose bytes nobody takes any more goes on before the kernel's send buffer, and then its own
 * queue, are full.
 *
 * Kernel memory fills it, and not payload: every buffer has a head. What is written until the first retransmission
 * timeout leaves in buffers of its own; after that small writes are gathered into large ones until the memory is
 * used up, and the last of these may be filled beyond it.
 * Source: tcp_sndbuf_expand, tcp_xmit_size_goal, sk_stream_memory_free, tcp_stream_alloc_skb.
 */
import { isHeavy, type Periodic } from '../../signs/queue.ts';
import {
  GSO_MAX_SEGMENTS,
  INITIAL_CWND,
  MSS,
  SEND_MEMORY_PER_SEGMENT_BYTES,
} from '../../linux/constants.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Scenario } from '../../scenario/types.ts';
import { sysctlsOf } from '../../scenario/sysctls.ts';
import type { PhaseRange } from './episode.ts';
import { BUFFER_OVERHEAD_BYTES, FIRST_WINDOW_BYTES } from './memory.ts';

/** Kernel memory of a sent buffer beside its payload; without segmentation offload every segment has it. */
const SEGMENT_OVERHEAD_BYTES = 1_344;

/** Payload of one gathered buffer: half the largest window in whole segments, up to a whole super-segment. */
const GATHERED_BYTES = [
  Math.floor(FIRST_WINDOW_BYTES / 2 / MSS) * MSS,
  GSO_MAX_SEGMENTS * MSS,
] as const;

/** What user space may hold before the writer stops: a locked send path is inside its blocking send at once. */
export function userRoomBytes({ server }: Scenario): number {
  return server.sendPath === 'locked' ? 1 : Math.max(1, server.userQueueBytes);
}

/** Memory of the writes that leave, each in a buffer of its own, before a timeout holds back the others. */
function memoryInFlight({ path }: Scenario, load: Periodic): number {
  const rttMs = longestRttMs(path);
  // Loss probe and first timeout, each at most three round trips, or one and the least variance of 200 ms.
  const timeoutMs = 2 * Math.max(3 * rttMs, rttMs + 250);
  const writes = Math.ceil(timeoutMs / load.everyMs) + 2;
  const heads = Math.ceil(load.bytes / MSS);
  return writes * (load.bytes + heads * SEGMENT_OVERHEAD_BYTES);
}

/** The least payload that fills the kernel's memory, beside what had left before. */
function leastKernelBytes(scenario: Scenario, load: Periodic, limit: number): number {
  const left = Math.max(0, limit - memoryInFlight(scenario, load));
  const lossy = (scenario.path.lossPercent ?? 0) > 0;
  if (lossy || isHeavy(scenario, load)) {
    return Math.floor(left * (MSS / (MSS + SEGMENT_OVERHEAD_BYTES)));
  }
  const filled = (goal: number): number => Math.ceil(left / (goal + SEGMENT_OVERHEAD_BYTES)) * goal;
  return Math.min(...GATHERED_BYTES.map(filled));
}

/** The most payload that the kernel's memory takes. */
function mostKernelBytes(scenario: Scenario, load: Periodic, limit: number): number {
  if (isHeavy(scenario, load))
    return sysctlsOf(scenario, 'server')['tcp_wmem.2'] + GATHERED_BYTES[1];
  const [goal] = GATHERED_BYTES;
  const gathered = Math.ceil(limit / (goal + BUFFER_OVERHEAD_BYTES)) * goal;
  return gathered + INITIAL_CWND * load.bytes;
}

/**
 * From the first stuck write to the last one for which kernel and user space together have room.
 *
 * @param userBytes what user space holds before the writer stops, or somebody minds; 0 = the last write that
 *   the kernel takes whole
 */
export function fillMs(scenario: Scenario, load: Periodic, userBytes: number): PhaseRange {
  const rttMaxMs = longestRttMs(scenario.path);
  const limit = 2 * INITIAL_CWND * SEND_MEMORY_PER_SEGMENT_BYTES;
  const least = leastKernelBytes(scenario, load, limit) + userBytes;
  const most = mostKernelBytes(scenario, load, limit) + userBytes;
  return {
    minMs: Math.max(0, Math.floor(least / load.bytes) - 1) * load.everyMs,
    // What is on its way at the first stuck write may be acknowledged, and makes room again.
    maxMs: (Math.ceil(most / load.bytes) + Math.floor(rttMaxMs / load.everyMs)) * load.everyMs,
  };
}
