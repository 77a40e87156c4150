/** Durations: what is written and what is meant are the same number. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, MAX_DURATION_MS, parseDuration } from '../../model/duration.ts';
import { cases } from '../support/property.ts';

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['0s', 0],
    ['0.001s', 1],
    // 0.001 h = 3.6 s, exactly
    ['0.001h', 3_600],
    // Not exact in binary fractions: 4.35 * 1000 is 4350.0000000000005
    ['4.35s', 4_350],
    [1_500, 1_500],
    // 365 d = 8760 h
    ['8760h', 31_536_000_000],
  ])('%s is %d ms', (written, ms) => {
    expect(parseDuration(written, '--sla')).toEqual({ ok: true, value: ms });
  });

  test.each([
    ['10 parsecs', 'bad-duration', undefined],
    ['', 'bad-duration', undefined],
    ['-1s', 'bad-duration', undefined],
    ['1e3s', 'bad-duration', undefined],
    ['.5s', 'bad-duration', undefined],
    ['0.5ms', 'bad-duration', undefined],
    ['0.0001s', 'bad-duration', undefined],
    ['45', 'bad-duration', 'add a unit: "45ms" or "45s"'],
    ['45 S', 'bad-duration', 'write "45s"'],
    [1.5, 'bad-duration', 'no fractions of 1 ms'],
    [NaN, 'bad-duration', undefined],
    [-1, 'out-of-range', undefined],
    [MAX_DURATION_MS + 1, 'out-of-range', undefined],
    ['8761h', 'out-of-range', undefined],
    ['999999999999h', 'out-of-range', undefined],
  ])('%s is refused', (written, code, hint) => {
    const parsed = parseDuration(written, '--max-ghost');
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    const [issue] = parsed.issues;
    expect(issue?.code).toBe(code);
    expect(issue?.path).toBe('--max-ghost');
    expect(issue?.received).toBe(typeof written === 'number' ? `${written}` : `"${written}"`);
    expect(issue?.hint).toBe(hint);
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [250, '250ms'],
    [1_000, '1s'],
    [1_050, '1.05s'],
    [90_000, '90s'],
    [120_000, '2m'],
    [924_600, '924.6s'],
    [7_200_000, '2h'],
  ])('%d ms is %s', (ms, written) => {
    expect(formatDuration(ms)).toBe(written);
  });

  test('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), (ms) => {
        expect(parseDuration(formatDuration(ms), '')).toEqual({ ok: true, value: ms });
      }),
      cases(100),
    );
  });

  test('and so does every spelling with up to three decimals', () => {
    const units = { s: 1_000, m: 60_000, h: 3_600_000 };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8_000 }),
        fc.integer({ min: 0, max: 999 }),
        fc.constantFrom<keyof typeof units>('s', 'm', 'h'),
        (whole, thousandths, unit) => {
          const text = `${whole}.${String(thousandths).padStart(3, '0')}${unit}`;
          const value = whole * units[unit] + (thousandths * units[unit]) / 1_000;
          expect(parseDuration(text, '')).toEqual({ ok: true, value });
        },
      ),
      cases(100),
    );
  });
});
