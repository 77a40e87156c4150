/** When a clock runs out that is started now: the engine's rules about time. */
import { untilNextTick } from '../mechanisms/region/clocks.ts';
import { Rule } from './region.ts';
import type { Region } from './region.ts';

/**
 * The instant at which the clock runs out, absolute µs.
 *
 * @param runsUs how long it runs
 * @param originUs any tick of the region's grid
 * @param atUs when the step that starts it is made
 */
export function dueUs(
  region: Region,
  clock: number,
  runsUs: number,
  originUs: number,
  atUs: number,
): number {
  const { intervalUs } = region;
  switch (region.rules[clock]) {
    case Rule.Tick:
      return atUs + untilNextTick(atUs, originUs, intervalUs);
    case Rule.Look:
      return lastTickUs(atUs, originUs, intervalUs) + runsUs;
    case Rule.Rounded:
      return roundedUs(region, atUs + runsUs, originUs, atUs);
    default:
      return atUs + runsUs;
  }
}

/** The last tick at or before `atUs` of a timer that ticks at `originUs` + k · `everyUs`. */
export function lastTickUs(atUs: number, originUs: number, everyUs: number): number {
  return originUs + Math.floor((atUs - originUs) / everyUs) * everyUs;
}

/** Up: the first tick at or after the time. Down: the last one at or before it, but the next one at the earliest. */
function roundedUs(region: Region, timeUs: number, originUs: number, atUs: number): number {
  const { intervalUs } = region;
  const before = lastTickUs(timeUs, originUs, intervalUs);
  if (!region.roundsDown) return before < timeUs ? before + intervalUs : before;
  return before > atUs ? before : before + intervalUs;
}
