import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distribution, QUANTILE_POINTS, thinnedMs } from '../../scenarios/compare/quantiles.ts';
import { cases } from '../support/property.ts';

describe('distribution', () => {
  it('states nearest ranks: of 1…100 the 50th and the 99th', () => {
    const sample = Array.from({ length: 100 }, (_, i) => (i + 1) * 1000);
    expect(distribution(sample)).toEqual({ min: 1, p50: 50, p99: 99, max: 100, samples: 100 });
  });

  it('of one is that one, of none is nothing', () => {
    expect(distribution([2500])).toEqual({ min: 2.5, p50: 2.5, p99: 2.5, max: 2.5, samples: 1 });
    expect(distribution([])).toEqual({ min: null, p50: null, p99: null, max: null, samples: 0 });
  });
});

describe('thinnedMs', () => {
  it('of three times as many as it keeps takes every third, ends included', () => {
    const sample = Array.from({ length: 3 * (QUANTILE_POINTS - 1) + 1 }, (_, ms) => ms * 1000);
    expect(thinnedMs(sample)).toEqual(Array.from({ length: QUANTILE_POINTS }, (_, i) => 3 * i));
  });

  it('keeps the ends, the order and the limit, and invents nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 3000 }), (values) => {
        const sample = values.toSorted((a, b) => a - b);
        const thinned = thinnedMs(sample);
        const observed = new Set(sample.map((us) => us / 1000));
        expect(thinned.length).toBe(Math.min(sample.length, QUANTILE_POINTS));
        expect(thinned.every((ms) => observed.has(ms))).toBe(true);
        expect(thinned.toSorted((a, b) => a - b)).toEqual(thinned);
        expect(thinned[0]).toBe((sample[0] as number) / 1000);
        expect(thinned.at(-1)).toBe((sample.at(-1) as number) / 1000);
      }),
      cases(100),
    );
  });
});
