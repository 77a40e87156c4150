/** After a silence: how much later than the first of what was lost, or held back, the last of it comes; slow start doubles from one segment. */
import { MSS } from '../linux/constants.ts';
import { LifeBit } from '../reaper/types.ts';
import type { HeldBack } from './held-back.ts';
import type { Setting } from './setting.ts';
import { Hushed, type State } from './state.ts';

/** A send path that nobody reads from holds so many segments at most. */
const MOST_SEGMENTS = 4_096;

/**
 * What the last waits beyond the first, µs.
 *
 * @param loads what the server writes, whether anybody heeds it or not
 */
export function lastWaitsUs(held: HeldBack, loads: Setting['writes'], state: State): number {
  const { rttUs, beats, kernel, behind } = held.setting;
  if (behind !== null) return held.quiet.cut ? behind.recoversUs : behind.drainsUs;
  const owed = held.field(state, Hushed.Owed);
  if (loads === null) {
    // Small frames go together, all but the first; of one kind the first counts.
    const one = (owed & (owed - 1)) === 0 && beats.every(({ bits }) => (bits & LifeBit.Ping) === 0);
    return one ? 0 : rttUs;
  }
  const lastedUs = 4 * held.product.kernel.rtoHi(state) * kernel.tickUs + 1_000_000;
  const each = Math.ceil(loads.bytes / MSS);
  const segments = Math.min(MOST_SEGMENTS, (Math.ceil(lastedUs / loads.everyUs) + 2) * each);
  return rttUs * (1 + Math.ceil(Math.log2(segments + 1)));
}
