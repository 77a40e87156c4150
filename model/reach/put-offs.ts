/**
 * How often writes can put a tail loss probe off: each that leaves sets it anew (tcp_schedule_loss_probe), and behind a full congestion window none leaves.
 *
 * While acknowledgements outrun the load the window stays at the first one, or grows in slow start to twice what was in flight at once
 * (tcp_is_cwnd_limited): a message, and what pings and answers come beside it.
 */
import { INITIAL_CWND, MSS } from '../linux/constants.ts';
import type { Setting } from './setting.ts';

export function mostPutOffs({ writes, parts, beats }: Setting): number {
  const segments = Math.ceil((writes?.bytes ?? 0) / MSS);
  return Math.max(INITIAL_CWND, 2 * (segments + parts.length + beats.length + 2));
}
