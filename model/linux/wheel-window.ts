/**
 * When a timer of the wheel fires, as an interval: for whoever knows neither the machine's phase nor, to the
 * jiffy, the delay. A timer that fired has put its machine on a multiple of its bucket's width, and what its callback arms is counted from there.
 */
import { bucketJiffy, wheelGranularity } from './wheel.ts';

export interface WheelWindow {
  /** Earliest and latest distance in µs. */
  readonly loUs: number;
  readonly hiUs: number;
  /** Width of the bucket in jiffies: the instant of firing is a multiple of it. */
  readonly widthJ: number;
}

/**
 * @param loJ,hiJ the delay
 * @param alignedJ armed in a timer's callback at a multiple of so many jiffies; 0 = armed at any instant
 * @example
 * // 51 jiffies at HZ 250, armed at any instant: more than 204 ms, at most 208.
 * wheelWindow(51, 51, 0, 4000) // => { loUs: 204_001, hiUs: 208_000, widthJ: 1 }
 */
export function wheelWindow(
  loJ: number,
  hiJ: number,
  alignedJ: number,
  tickUs: number,
): WheelWindow {
  if (alignedJ === 0) {
    const widthJ = wheelGranularity(loJ);
    // The jiffy in which it is armed has begun up to a tick before.
    return { loUs: loJ * tickUs + 1, hiUs: (hiJ + wheelGranularity(hiJ)) * tickUs, widthJ };
  }
  // In a callback the wheel's clock is one ahead of jiffies.
  const widthJ = wheelGranularity(loJ - 1);
  const widestJ = wheelGranularity(hiJ - 1);
  const first = bucketJiffy(loJ, Math.min(widthJ, alignedJ));
  // The last multiple of what is known of the phase, in the widest bucket.
  const last =
    widestJ <= alignedJ
      ? bucketJiffy(hiJ, widestJ)
      : Math.floor((hiJ + widestJ) / alignedJ) * alignedJ;
  return { loUs: first * tickUs, hiUs: last * tickUs, widthJ };
}
