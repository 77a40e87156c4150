/**
 * How long a writer whose bytes nobody takes any more goes on before the kernel's send buffer, and then its own
 * queue, are full.
 *
 * Small writes are gathered into large buffers until the memory is used up, so one may be filled beyond it,
 * and what is in flight wastes up to half of it.
 * Source: tcp_sndbuf_expand, tcp_xmit_size_goal, sk_stream_memory_free.
 */
import type { Load } from '../scenario/types.ts';
import type { PhaseRange } from './retransmission.ts';
import { BUFFER_OVERHEAD_BYTES, FIRST_WINDOW_BYTES, SEGMENT_BYTES } from './window.ts';

export type Periodic = Extract<Load, { readonly kind: 'periodic' }>;

/** TCP_INIT_CWND, RFC 6928. */
const INITIAL_WINDOW_SEGMENTS = 10;

/** One full frame in a power-of-two area plus its sk_buff (tcp_sndbuf_expand). */
const SEND_MEMORY_PER_SEGMENT_BYTES = 2_048 + 256;

/**
 * From the first stuck write to the last one for which kernel and user space together have room.
 *
 * @param userBytes what user space holds before the writer stops, or somebody minds
 */
export function fillMs(load: Periodic, userBytes: number): PhaseRange {
  const limit = 2 * INITIAL_WINDOW_SEGMENTS * SEND_MEMORY_PER_SEGMENT_BYTES;
  const goal = Math.floor(FIRST_WINDOW_BYTES / 2 / SEGMENT_BYTES) * SEGMENT_BYTES;
  const gathered = Math.ceil(limit / (goal + BUFFER_OVERHEAD_BYTES)) * goal;
  const writes = (kernelBytes: number): number => Math.ceil((kernelBytes + userBytes) / load.bytes);
  return {
    minMs: (writes(limit / 2) - 1) * load.everyMs,
    maxMs: (writes(gathered + INITIAL_WINDOW_SEGMENTS * load.bytes) - 1) * load.everyMs,
  };
}

/** From the first stuck write to the last one that the kernel takes whole. */
export function kernelFillMs(load: Periodic): PhaseRange {
  return fillMs(load, 0);
}
