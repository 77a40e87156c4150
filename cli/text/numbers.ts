/**
 * Durations and counts as people read them: three or four significant digits, one unit. A bound is
 * rounded up and a tolerance down, so that no printed number promises more than the exact one.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Which way the last digit may move. */
export type Rounding = 'nearest' | 'up' | 'down';

/** Hides the error of binary fractions: 2.18 h must not round up to 2.19 h. */
const EPSILON = 1e-9;

function rounded(value: number, decimals: number, rounding: Rounding): string {
  const scale = 10 ** decimals;
  const scaled = value * scale;
  if (rounding === 'up') return (Math.ceil(scaled - EPSILON) / scale).toFixed(decimals);
  if (rounding === 'down') return (Math.floor(scaled + EPSILON) / scale).toFixed(decimals);
  return (Math.round(scaled) / scale).toFixed(decimals);
}

/**
 * A duration in one unit: `412 ms`, `40.1 s`, `15.7 min`, `2.19 h`.
 *
 * @example
 * formatMs(412) // => '412 ms'
 * formatMs(40_010, 'up') // => '40.1 s'
 * formatMs(7_875_000, 'down') // => '2.18 h'
 */
export function formatMs(ms: number, rounding: Rounding = 'nearest'): string {
  if (ms < 1000) return `${rounded(ms, 0, rounding)} ms`;
  if (ms < 10 * MINUTE_MS) return `${rounded(ms / 1000, 1, rounding)} s`;
  if (ms < 2 * HOUR_MS) return `${rounded(ms / MINUTE_MS, 1, rounding)} min`;
  return `${rounded(ms / HOUR_MS, 2, rounding)} h`;
}

/** A count with thin grouping, or a small rate with one decimal: `2.4`, `240`, `14 000`. */
export function formatCount(value: number): string {
  if (value > 0 && value < 10 && !Number.isInteger(value)) return value.toFixed(1);
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 run`, `1 000 runs`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
