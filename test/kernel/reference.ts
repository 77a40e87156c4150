/**
 * What the tests compute apart from the simulated kernel: the wheel rule, and measurements over many
 * phases of the jiffies counter.
 */

import { expect } from 'vitest';

/** A measured quantity over phases. */
export interface Window {
  readonly min: number;
  readonly max: number;
}

/**
 * Starting jiffies that fall on every place in the buckets in play: steps coprime to their widths, with
 * a changing fraction of a tick.
 */
export function phases(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 2 ** 32 + i * 7.13);
}

/** Smallest and largest of `measure` over `count` phases. */
export function windowOver(count: number, measure: (jiffiesAtZero: number) => number): Window {
  const found = phases(count).map(measure);
  return { min: Math.min(...found), max: Math.max(...found) };
}

/**
 * A recording whose phase nobody wrote down lies in the window over all phases. It was read within 10 ms;
 * and the window is no wider than the timers' lateness, or it would hold anything.
 */
export function expectRecorded(window: Window, recordedS: number, widestS: number): void {
  expect(window.min).toBeLessThanOrEqual(recordedS + 0.001);
  expect(window.max).toBeGreaterThanOrEqual(recordedS - 0.01);
  expect(window.max - window.min).toBeLessThanOrEqual(widestS);
}

/**
 * The jiffy at which a timer of `delay` fires that is armed at `now`: an absolute multiple of the
 * bucket, strictly later than the expiry (kernel/time/timer.c calc_index: level L takes delays below
 * 63·8^L; inside a callback the wheel's clock is one ahead).
 */
export function fires(now: number, delay: number, inCallback = true): number {
  const expiry = now + delay;
  const distance = expiry - (now + (inCallback ? 1 : 0));
  let width = 1;
  while (distance >= 63 * width) width *= 8;
  return (Math.floor(expiry / width) + 1) * width;
}
