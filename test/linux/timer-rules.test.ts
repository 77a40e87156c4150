import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadSilenceJ } from '../../model/linux/keepalive-timer.ts';
import {
  backedOffJ,
  givesUpAfterMs,
  retransmitDelayJ,
} from '../../model/linux/retransmit-timer.ts';
import { tailProbeDelayJ } from '../../model/linux/tail-probe-timer.ts';
import { wheelWindow } from '../../model/linux/wheel-window.ts';
import { fireJiffy } from '../../model/linux/wheel.ts';

const TICK_US = 4_000;

describe('the window of a wheel timer', () => {
  const delay = fc.integer({ min: 1, max: 40_000 });
  const start = fc.integer({ min: 2 ** 32, max: 2 ** 32 + 8 ** 6 });

  it('holds every instant at which a timer armed at any instant can fire', () => {
    fc.assert(
      fc.property(delay, fc.nat(50), start, fc.nat(TICK_US - 1), (lo, more, jiffy, sinceUs) => {
        const window = wheelWindow(lo, lo + more, 0, TICK_US);
        const d = lo + (jiffy % (more + 1));
        const afterUs = (fireJiffy(jiffy, d, false) - jiffy) * TICK_US - sinceUs;
        expect(afterUs).toBeGreaterThanOrEqual(window.loUs);
        expect(afterUs).toBeLessThanOrEqual(window.hiUs);
      }),
    );
  });

  it('holds every instant after a callback at a multiple of a width, and is one instant where that says all', () => {
    fc.assert(
      fc.property(delay, start, fc.constantFrom(1, 8, 64, 512), (d, any, alignedJ) => {
        const jiffy = Math.floor(any / alignedJ) * alignedJ;
        const window = wheelWindow(d, d, alignedJ, TICK_US);
        const fired = fireJiffy(jiffy, d, true);
        expect((fired - jiffy) * TICK_US).toBeGreaterThanOrEqual(window.loUs);
        expect((fired - jiffy) * TICK_US).toBeLessThanOrEqual(window.hiUs);
        expect(fired % window.widthJ).toBe(0);
        const knowsAll = window.widthJ <= alignedJ;
        expect(window.hiUs - window.loUs).toBeLessThanOrEqual(
          knowsAll ? 0 : window.widthJ * TICK_US,
        );
      }),
    );
  });
});

describe('the rules of the timers', () => {
  it('doubles the timeout up to the largest', () => {
    expect(backedOffJ(63, 30_000)).toBe(126);
    expect(backedOffJ(20_000, 30_000)).toBe(30_000);
  });

  it('lets TCP_USER_TIMEOUT take the place of the count', () => {
    expect(givesUpAfterMs(0, 15, 120_000)).toBe(924_600);
    expect(givesUpAfterMs(20_000, 15, 120_000)).toBe(20_000);
  });

  it('cuts the wait short to what is left of it', () => {
    expect(retransmitDelayJ(500, 0, 99_999, 250)).toBe(500);
    expect(retransmitDelayJ(500, 20_000, 19_000, 250)).toBe(250);
    expect(retransmitDelayJ(500, 20_000, 20_000, 250)).toBe(1);
  });

  it('probes a lone segment later than one of several, and never after the timeout', () => {
    const srtt8 = 8 * 50_000;
    expect(tailProbeDelayJ(srtt8, 1, 200_000, 1_000_000, 250)).toBe(75);
    expect(tailProbeDelayJ(srtt8, 2, 200_000, 1_000_000, 250)).toBe(26);
    expect(tailProbeDelayJ(srtt8, 1, 200_000, 250_000, 250)).toBe(63);
    expect(tailProbeDelayJ(srtt8, 1, 200_000, 0, 250)).toBe(75);
    expect(tailProbeDelayJ(0, 1, 200_000, 0, 250)).toBe(250);
  });

  it('counts probes, or with a user timeout the silence and one probe', () => {
    expect(deadSilenceJ(2, 3, 0)).toBe(Infinity);
    expect(deadSilenceJ(3, 3, 0)).toBe(0);
    expect(deadSilenceJ(0, 3, 5_000)).toBe(Infinity);
    expect(deadSilenceJ(1, 3, 5_000)).toBe(5_000);
  });
});
