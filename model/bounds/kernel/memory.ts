/** Windows, segments, and what they cost in kernel memory: the sizes that decide when a path is full. */
import { INITIAL_CWND, MSS } from '../../linux/constants.ts';
import { longestRttMs } from '../../scenario/path.ts';
import type { Load, Scenario } from '../../scenario/types.ts';

/** A load that writes every so often. */
export type Periodic = Extract<Load, { readonly kind: 'periodic' }>;

/** tcp_select_initial_window: the first window is offered without scaling. */
export const FIRST_WINDOW_BYTES = 65_536;

/** Kernel memory of a received buffer beside its payload: sk_buff and head. */
export const BUFFER_OVERHEAD_BYTES = 1_280;

/**
 * So much may be written within a round trip and leave every buffer as it was: the receiver's grows when it reads
 * ten segments in one by its own measure, which may be longer (tcp_rcv_space_adjust).
 */
const LIGHT_BYTES = 0.75 * INITIAL_CWND * MSS;

/** Whether so much is written in a round trip that windows and buffers grow, or fill while nothing is wrong. */
export function isHeavy({ path }: Scenario, load: Periodic): boolean {
  return load.bytes * (1 + longestRttMs(path) / load.everyMs) > LIGHT_BYTES;
}
