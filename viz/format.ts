/**
 * Numbers as people read them in charts: three digits at most, the unit that fits, and no digit
 * that claims more than the chart shows.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Which way the last digit may move: a bound is rounded up and a tolerance down. */
export type Rounding = 'nearest' | 'up' | 'down';

/** Hides the error of binary fractions: 25.1 s must not round up to 25.2 s. */
const EPSILON = 1e-9;

function rounded(value: number, decimals: number, rounding: Rounding): number {
  const scaled = value * 10 ** decimals;
  if (rounding === 'up') return Math.ceil(scaled - EPSILON) / 10 ** decimals;
  if (rounding === 'down') return Math.floor(scaled + EPSILON) / 10 ** decimals;
  return Math.round(scaled) / 10 ** decimals;
}

/**
 * A duration for people.
 *
 * @example
 * formatDuration(50) // => '50 ms'
 * formatDuration(39_960) // => '40.0 s'
 * formatDuration(924_600) // => '15 min 25 s'
 * formatDuration(7_875_000, 'up') // => '2 h 12 min'
 */
export function formatDuration(ms: number, rounding: Rounding = 'nearest'): string {
  const wholeMs = rounded(ms, 0, rounding);
  if (wholeMs < SECOND_MS) return `${wholeMs} ms`;
  const tenths = rounded(ms / SECOND_MS, 1, rounding);
  if (tenths < 120) return `${tenths.toFixed(1)} s`;
  const whole = (unitMs: number): number => rounded(ms / unitMs, 0, rounding) * unitMs;
  if (whole(SECOND_MS) < HOUR_MS) return formatWhole(whole(SECOND_MS));
  return formatWhole(whole(MINUTE_MS) < DAY_MS ? whole(MINUTE_MS) : whole(HOUR_MS));
}

function pair(small: number, perLarge: number, large: string, unit: string): string {
  const rest = small % perLarge;
  const whole = `${(small - rest) / perLarge} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`;
}

/** A duration in one unit, for narrow cells: `60.0 s`, `15.7 min`, `2.2 h`. */
export function formatShort(ms: number, rounding: Rounding = 'nearest'): string {
  if (ms < 120 * SECOND_MS) return formatDuration(ms, rounding);
  if (ms < 2 * HOUR_MS) return `${rounded(ms / MINUTE_MS, 1, rounding).toFixed(1)} min`;
  if (ms < 2 * DAY_MS) return `${rounded(ms / HOUR_MS, 1, rounding).toFixed(1)} h`;
  return `${rounded(ms / DAY_MS, 1, rounding).toFixed(1)} d`;
}

/** A duration that is round by construction (an axis tick, a setting): no digits after the unit. */
export function formatRound(ms: number): string {
  if (ms >= MINUTE_MS && ms % SECOND_MS === 0) return formatWhole(ms);
  return ms < SECOND_MS && ms > 0 ? `${trimmed(ms)} ms` : `${trimmed(ms / SECOND_MS)} s`;
}

/** Whole seconds from a minute up: `1 min 15 s`, `1 h 30 min`, `2 d`. */
function formatWhole(ms: number): string {
  if (ms < HOUR_MS) return pair(ms / SECOND_MS, 60, 'min', 's');
  if (ms < DAY_MS) return pair(Math.round(ms / MINUTE_MS), 60, 'h', 'min');
  return pair(Math.round(ms / HOUR_MS), 24, 'd', 'h');
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A bound B, rounded up; `unbounded` where there is none. */
export function formatBound(ms: number | null): string {
  return ms === null ? 'unbounded' : formatDuration(ms, 'up');
}

/** A tolerance T, rounded down; `any` length where there is no limit. */
export function formatTolerance(ms: number | null): string {
  return ms === null ? 'any' : formatDuration(ms, 'down');
}

/** A count or a rate: thousands grouped by commas, three significant digits below 100. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) < 100) return trimmed(value);
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
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

/** `1 run`, `1,000 runs`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Policies as the subject of a sentence: by name up to three, else by number; `'none'` in quotes. */
export function formatPolicies(names: readonly string[]): string {
  if (names.length > 3) return `${names.length} policies`;
  return formatList(names.map((name) => (name === 'none' ? "'none'" : name)));
}
