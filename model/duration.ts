/**
 * Durations as people write them: `250ms`, `30s`, `1.5m`, `2h`. Inside, a duration is a whole number
 * of milliseconds; nothing is rounded, so what a file says and what runs are the same number.
 */
import { assert } from './assert.ts';
import type { Issue, Result } from './issue.ts';

export const HOUR_US = 3_600_000_000;

/** Longest duration accepted anywhere: 365 days. Beyond it a typing error is likelier than a wish. */
export const MAX_DURATION_MS = 365 * 24 * 3_600_000;

/** What a duration written as text looks like; any text of this form is a whole number of ms. */
export const DURATION_PATTERN = '^(?:[0-9]{1,12}ms|[0-9]{1,12}(?:[.][0-9]{1,3})?[smh])$';

const DURATION = /^([0-9]{1,12})(?:[.]([0-9]{1,3}))?(ms|[smh])$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const EXPECTED = 'a duration such as 250ms, 30s, 1.5m or 2h';

/**
 * Reads a duration. Text needs a unit (`ms`, `s`, `m`, `h`) and at most three decimals; a number is
 * whole milliseconds. Exact, from 0 to {@link MAX_DURATION_MS}.
 *
 * @param input what the user wrote
 * @param path where it stood, for the issue: a flag or a field path
 * @returns whole milliseconds, or one issue (`bad-duration`, `out-of-range`)
 * @example
 * parseDuration('1.5m', '--max-ghost') // => { ok: true, value: 90_000 }
 * parseDuration('90', '--max-ghost').issues[0].hint // => 'add a unit: "90ms" or "90s"'
 */
export function parseDuration(input: string | number, path: string): Result<number> {
  const ms = typeof input === 'number' ? input : durationTextMs(input);
  if (ms === null || !Number.isInteger(ms)) return failed('bad-duration', path, input);
  if (ms < 0 || ms > MAX_DURATION_MS) return failed('out-of-range', path, input);
  return { ok: true, value: ms === 0 ? 0 : ms };
}

/** Whole milliseconds of a duration's text; null when it is not one. Integers only: 0.1 s is 100 ms exactly. */
function durationTextMs(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const unit = match[3] as keyof typeof UNIT_MS;
  const thousandths = (match[2] ?? '').padEnd(3, '0');
  if (unit === 'ms') return match[2] === undefined ? Number(match[1]) : null;
  return Number(match[1]) * UNIT_MS[unit] + Number(thousandths) * (UNIT_MS[unit] / 1_000);
}

function failed(code: string, path: string, input: string | number): Result<number> {
  const received = typeof input === 'number' ? String(input) : JSON.stringify(input);
  const issue: Issue = {
    code,
    path,
    received,
    expected:
      code === 'out-of-range'
        ? 'a duration from 0s to 8760h'
        : `${EXPECTED}, or whole milliseconds`,
  };
  const hint = durationHint(input);
  return { ok: false, issues: [hint === undefined ? issue : { ...issue, hint }] };
}

function durationHint(input: string | number): string | undefined {
  if (typeof input === 'number') {
    return Number.isFinite(input) && !Number.isInteger(input) ? 'no fractions of 1 ms' : undefined;
  }
  if (/^[0-9]+$/.test(input)) return `add a unit: "${input}ms" or "${input}s"`;
  const respelt = input.replaceAll(/\s/g, '').toLowerCase();
  return respelt !== input && DURATION.test(respelt) ? `write "${respelt}"` : undefined;
}

/**
 * Writes a duration so that {@link parseDuration} reads the same number back: the largest unit that
 * divides it, else seconds with decimals, else milliseconds.
 *
 * @param ms whole milliseconds, 0 to {@link MAX_DURATION_MS}
 * @example
 * formatDuration(7_200_000) // => '2h'
 * formatDuration(90_000) // => '90s'
 * formatDuration(924_600) // => '924.6s'
 */
export function formatDuration(ms: number): string {
  assert(Number.isInteger(ms) && ms >= 0 && ms <= MAX_DURATION_MS, `not a duration: ${ms} ms`);
  if (ms === 0) return '0s';
  for (const unit of ['h', 'm', 's'] as const) {
    if (ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  if (ms < 1_000) return `${ms}ms`;
  const decimals = String(ms % 1_000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${Math.floor(ms / 1_000)}.${decimals}s`;
}
