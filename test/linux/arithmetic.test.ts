/** The kernel's arithmetic against recorded values and the formulas' own consequences. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedRtt, rtoJiffies } from '../../model/linux/estimator.ts';
import {
  jiffiesToUs,
  jiffyAt,
  msToJiffies,
  startOfJiffyUs,
  tickPhase,
  usToJiffies,
} from '../../model/linux/jiffies.ts';
import { defaultSysctls, resolveSysctls } from '../../model/linux/sysctls.ts';
import { fireJiffy } from '../../model/linux/wheel.ts';
import { cases } from '../support/property.ts';

const fresh = () => ({ srtt8: 0, mdev4: 0, rttvar4: 0, mdevMax4: 0, rttSeq: 0 });

describe('the timeout', () => {
  // A sub-millisecond path: srtt + 200 ms, rounded up to the tick (tcpi_rto on 6.18.44).
  it.each([
    [250, 204_000],
    [1000, 201_000],
    [100, 210_000],
  ])('HZ %i: %i us on a fast path', (hz, expected) => {
    const state = fresh();
    feedRtt(state, 500, 200_000, 1, 1);
    expect(jiffiesToUs(rtoJiffies(state, hz), hz)).toBe(expected);
  });

  // Recorded: the handshake's round trip and the tcpi_rto that followed (HZ 250).
  it.each([
    [51_297, 252_000],
    [50_905, 252_000],
    [2044, 204_000],
    [350_662, 1_052_000],
    [350_746, 1_056_000],
    [302_210, 908_000],
    [348_481, 1_048_000],
  ])('after a handshake of %i us: %i us', (rtt, expected) => {
    const state = fresh();
    feedRtt(state, rtt, 200_000, 1, 1);
    expect(jiffiesToUs(rtoJiffies(state, 250), 250)).toBe(expected);
  });

  it('follows a recorded series of samples: srtt and deviation to the microsecond', () => {
    // tcpi_rtt after each of four acknowledged writes; each sample is srtt + 8 × its change.
    const state = fresh();
    feedRtt(state, 51_180, 200_000, 1, 1);
    const recorded = [
      [51_110, 19_331],
      [51_064, 14_590],
      [51_014, 11_044],
      [50_967, 8376],
    ] as const;
    let una = 1;
    for (const [srtt, deviation] of recorded) {
      const before = Math.floor(state.srtt8 / 8);
      una += 64;
      feedRtt(state, before + (srtt - before) * 8, 200_000, una, una);
      expect(Math.abs(Math.floor(state.srtt8 / 8) - srtt)).toBeLessThanOrEqual(1);
      // The change of srtt is known to 1 us, so the sample to 8 us, the deviation to a quarter of it.
      expect(Math.abs(Math.floor(state.mdev4 / 4) - deviation)).toBeLessThanOrEqual(8);
    }
  });

  it('is never below the round trip and 200 ms', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1 }), (samples) => {
        const state = fresh();
        let una = 1;
        for (const sample of samples) {
          una += 1;
          feedRtt(state, sample, 200_000, una, una);
          expect(jiffiesToUs(rtoJiffies(state, 250), 250)).toBeGreaterThanOrEqual(
            Math.floor(state.srtt8 / 8) + 200_000,
          );
        }
      }),
      cases(100),
    );
  });
});

describe('jiffies', () => {
  it('round up', () => {
    expect(msToJiffies(1, 250)).toBe(1);
    expect(msToJiffies(204, 250)).toBe(51);
    expect(usToJiffies(200_500, 250)).toBe(51);
    expect(usToJiffies(200_000, 100)).toBe(20);
  });

  it('begin where they are said to begin', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 0, max: 9999 }),
        fc.constantFrom(100, 250, 1000),
        fc.integer({ min: 0, max: 2 ** 45 }),
        (base, fraction, hz, timeUs) => {
          const phase = tickPhase(base + fraction / 10_000, hz);
          const jiffy = jiffyAt(phase, timeUs);
          expect(startOfJiffyUs(phase, jiffy)).toBeLessThanOrEqual(timeUs);
          expect(startOfJiffyUs(phase, jiffy + 1)).toBeGreaterThan(timeUs);
        },
      ),
      cases(100),
    );
  });
});

describe('the timer wheel', () => {
  it('never fires early, and late by at most one bucket', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.integer({ min: 0, max: 2 ** 21 }),
        fc.boolean(),
        (now, delay, inCallback) => {
          const fires = fireJiffy(now, delay, inCallback);
          expect(fires).toBeGreaterThan(now + delay);
          // Level n takes delays from 63 · 8^(n-1) and is 8^n wide: late by less than 8/63 of the delay.
          expect(fires - now - delay).toBeLessThanOrEqual(Math.max(1, (delay * 8) / 63 + 1));
        },
      ),
      cases(100),
    );
  });

  // Saturated 120 s steps: 30208 jiffies at HZ 250 (120.832 s), 122880 at HZ 1000 (122.880 s).
  it.each([
    [30_000, 30_208],
    [120_000, 122_880],
    [1250, 1280],
  ])('aligned steps of %i become %i', (delay, step) => {
    let at = 2 ** 33;
    for (let i = 0; i < 10; i += 1) {
      const next = fireJiffy(at, delay, true);
      expect(next - at).toBe(step);
      at = next;
    }
  });
});

describe('sysctls', () => {
  it('have the defaults of their kernel', () => {
    expect(defaultSysctls('6.18')['tcp_rmem.2']).toBe(33_554_432);
    expect(defaultSysctls('6.12')['tcp_rmem.2']).toBe(6_291_456);
  });

  it('name what is wrong', () => {
    const result = resolveSysctls(
      { 'net.ipv4.tcp_retries3': 1, 'net.ipv4.tcp_retries2': 999, 'net.ipv4.tcp_rto_max_ms': 5000 },
      '6.12',
    );
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((issue) => issue.code)).toEqual([
      'unknown-name',
      'out-of-range',
      'unsupported',
    ]);
  });
});
