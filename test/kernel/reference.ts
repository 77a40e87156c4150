/**
 * What the tests compute apart from the simulated kernel: the wheel rule, and measurements over many
 * phases of the jiffies counter.
 */

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
 * How a recording whose phase nobody wrote down misses the window over all phases; empty when it lies inside.
 * It was read within 10 ms; and a window wider than the timers' lateness would hold anything.
 */
export function missOf({ min, max }: Window, recordedS: number, widestS: number): string {
  if (min > recordedS + 0.001 || max < recordedS - 0.01) {
    return `${recordedS} s lies outside ${min} to ${max} s`;
  }
  return max - min > widestS ? `${min} to ${max} s is wider than ${widestS} s` : '';
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
