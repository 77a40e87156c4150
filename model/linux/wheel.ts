/**
 * Linux's timer wheel (non-cascading): the rule that decides the milliseconds.
 *
 * A socket timer never fires early and fires late by up to one bucket. Buckets sit at absolute
 * multiples of their width, so the machine's jiffy count at the start (its *phase*) is part of
 * every answer. Source: kernel/time/timer.c, calc_index, calc_wheel_index, __mod_timer.
 *
 * Jiffies are plain numbers: the absolute 64-bit count stays far below 2^53.
 */

/** Buckets of one level double-triple in width: level n is 8^n jiffies wide (LVL_CLK_SHIFT 3). */
const LEVEL_WIDTH_FACTOR = 8;

/** A level takes delays below 63 of its own buckets (LVL_SIZE 64, minus one). */
const BUCKETS_PER_LEVEL = 63;

/** Levels 0…8 (LVL_DEPTH 9 for HZ > 100). */
const LAST_LEVEL = 8;

/** Width in jiffies of the wheel bucket that takes a timer `distance` jiffies ahead of the wheel's clock. */
export function wheelGranularity(distance: number): number {
  let width = 1;
  for (let level = 0; level < LAST_LEVEL; level += 1) {
    if (distance < BUCKETS_PER_LEVEL * width) return width;
    width *= LEVEL_WIDTH_FACTOR;
  }
  return width;
}

/** The jiffy at which the bucket of this width that takes `expiry` runs: the next multiple of the width. */
export function bucketJiffy(expiry: number, width: number): number {
  return (Math.floor(expiry / width) + 1) * width;
}

/**
 * The jiffy at which a timer armed at jiffy `nowJiffy` for `delayJiffies` really fires.
 *
 * @param fromTimerCallback whether it is armed from inside a timer's callback: the wheel's clock
 *   is then one ahead of jiffies, which can choose a finer level (16 s at HZ 250 does).
 * @example
 * // Level 0 still adds one tick.
 * fireJiffy(1000, 51, false) // => 1052
 */
export function fireJiffy(
  nowJiffy: number,
  delayJiffies: number,
  fromTimerCallback: boolean,
): number {
  const expiry = nowJiffy + delayJiffies;
  const width = wheelGranularity(expiry - (nowJiffy + (fromTimerCallback ? 1 : 0)));
  return bucketJiffy(expiry, width);
}
