/** Runs the clock in growing steps until a condition holds: checked first after a second, then less and less often. */
import type { Scheduler } from './types.ts';

const FIRST_STRIDE_US = 1_000_000;
const LAST_STRIDE_US = 64_000_000;

/**
 * @param untilUs when it ends at the latest; it may move meanwhile
 * @param isOver whether there is nothing more to see
 */
export function runInStrides(
  scheduler: Scheduler,
  untilUs: () => number,
  isOver: () => boolean,
): void {
  let strideUs = FIRST_STRIDE_US;
  while (scheduler.nowUs < untilUs()) {
    scheduler.run(Math.min(untilUs(), scheduler.nowUs + strideUs));
    if (strideUs < LAST_STRIDE_US) strideUs *= 2;
    if (isOver()) return;
  }
}
