/**
 * Durations, counts and shares as people read them, in the terminal and on the page: three or four significant
 * digits, one unit. A bound is rounded up and a tolerance down, so that no printed number promises more than the
 * exact one.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Which way the last digit may move. */
export type Rounding = 'nearest' | 'up' | 'down';

/** Hides the error of binary fractions: 2.18 h must not round up to 2.19 h. */
const EPSILON = 1e-9;

/** A unit, how many decimals it is written with, and from where on the next one reads better. */
interface Unit {
  readonly name: string;
  readonly ms: number;
  readonly decimals: number;
  /** First value, in this unit, that is written in the next one. */
  readonly end: number;
}

/** Seconds up to ten minutes and minutes up to two hours: settings are written so. */
const UNITS: readonly Unit[] = [
  { name: 'ms', ms: 1, decimals: 0, end: 1_000 },
  { name: 's', ms: SECOND_MS, decimals: 1, end: 600 },
  { name: 'min', ms: MINUTE_MS, decimals: 1, end: 120 },
  { name: 'h', ms: HOUR_MS, decimals: 2, end: 48 },
  { name: 'd', ms: DAY_MS, decimals: 1, end: Infinity },
];

function rounded(value: number, decimals: number, rounding: Rounding): number {
  const scaled = value * 10 ** decimals;
  if (rounding === 'up') return Math.ceil(scaled - EPSILON) / 10 ** decimals;
  if (rounding === 'down') return Math.floor(scaled + EPSILON) / 10 ** decimals;
  return Math.round(scaled) / 10 ** decimals;
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
  for (const { name, ms: unitMs, decimals, end } of UNITS) {
    const value = rounded(ms / unitMs, decimals, rounding);
    if (value < end) return `${grouped(value.toFixed(decimals))} ${name}`;
  }
  return `${ms} ms`;
}

/**
 * What is said of something that had not ended when the watch was over: `never` only where nobody who could still end it
 * has patience for longer.
 *
 * @example
 * neverWithin(1_800_000, true) // => 'never'
 * neverWithin(86_400_000, false) // => '> 24.00 h'
 */
export function neverWithin(watchedMs: number, watchedOut: boolean): string {
  return watchedOut ? 'never' : `> ${formatMs(watchedMs, 'down')}`;
}

/**
 * A duration that is round by construction, such as a setting, a tick of an axis or the length of a silence: no
 * zeros that would claim digits nobody measured.
 *
 * @example
 * formatRound(30_000) // => '30 s'
 * formatRound(5_400_000) // => '90 min'
 */
export function formatRound(ms: number): string {
  if (ms === 0) return '0 s';
  return formatMs(ms).replace(/\.(\d*?)0+ /, (_zeros, digits: string) =>
    digits === '' ? ' ' : `.${digits} `,
  );
}

/**
 * An instant of a timeline: seconds to the millisecond, without their unit.
 *
 * @example
 * formatSeconds(61_025) // => '61.025'
 */
export function formatSeconds(ms: number): string {
  return (ms / SECOND_MS).toFixed(3);
}

/** A bound B, rounded up; `unbounded` where there is none. */
export function formatBound(ms: number | null): string {
  return ms === null ? 'unbounded' : formatMs(ms, 'up');
}

/** A tolerance T, rounded down; `any` length where there is no limit. */
export function formatTolerance(ms: number | null): string {
  return ms === null ? 'any' : formatMs(ms, 'down');
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
}

/**
 * A count or a rate: thousands grouped by commas, two significant digits below ten.
 *
 * @example
 * formatCount(14_000) // => '14,000'
 * formatCount(2.43) // => '2.4'
 */
export function formatCount(value: number): string {
  if (Math.abs(value) < 10) return String(Number(value.toPrecision(2)));
  return grouped(String(Math.round(value)));
}

/**
 * A length in bytes, in powers of ten as networks count.
 *
 * @example
 * formatBytes(7_240) // => '7.2 kB'
 */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `1 run`, `1,000 runs`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share that never rounds to all or nothing unless it is. */
export function formatShare(count: number, of: number): string {
  if (count === 0) return '0 %';
  if (count === of) return '100 %';
  const percent = (100 * count) / of;
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9) return '> 99.9 %';
  return percent < 10 ? `${percent.toFixed(1)} %` : `${Math.min(99, Math.round(percent))} %`;
}
