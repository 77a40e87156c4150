/** Whether so much is written that windows and buffers grow, and how long a ping stands behind what was written before it. */
import { DELAYED_ACK_MIN_MS, INITIAL_CWND, MSS } from '../linux/constants.ts';
import { serverLoad } from '../scenario/load.ts';
import { longestRttMs } from '../scenario/path.ts';
import type { Load, Scenario } from '../scenario/types.ts';

/** A load that writes every so often. */
export type Periodic = Extract<Load, { readonly kind: 'periodic' }>;

/**
 * So much may be written within a round trip and leave every buffer as it was: the receiver's grows when it reads
 * ten segments in one by its own measure, which may be longer (tcp_rcv_space_adjust).
 */
const LIGHT_BYTES = 0.75 * INITIAL_CWND * MSS;

/** Whether so much is written in a round trip that windows and buffers grow, or fill while nothing is wrong. */
export function isHeavy({ path }: Scenario, load: Periodic): boolean {
  return load.bytes * (1 + longestRttMs(path) / load.everyMs) > LIGHT_BYTES;
}

/** User queue, send buffer and what is under way: so many windows stand before a ping at most. */
const QUEUED_WINDOWS = 3;

/** How long a ping may stand behind a full send path while the peer reads: a few windows. */
export function queueDelayMs(scenario: Scenario): number {
  const load = serverLoad(scenario);
  const full = load.kind === 'saturated' || (load.kind === 'periodic' && isHeavy(scenario, load));
  return full ? windowsMs(scenario) : 0;
}

function windowsMs({ path, kernel }: Scenario): number {
  return QUEUED_WINDOWS * (longestRttMs(path) + DELAYED_ACK_MIN_MS + 1000 / kernel.hz);
}
