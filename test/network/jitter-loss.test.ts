/** Jitter and loss per packet: as much as is said, in order, and independent of everything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { blankSegment } from '../../sim/network/segment.ts';
import { createPath } from '../../sim/network/path.ts';
import { JitterLoss } from '../../sim/network/jitter-loss.ts';
import { Draws, Stream } from '../../sim/random.ts';
import { cases } from '../support/property.ts';

const STREAMS = { jitter: Stream.JitterToClient, loss: Stream.LossToClient };

function drawsOf(run: number): Draws {
  const draws = new Draws();
  draws.reset({ high: 0, low: 5 }, run, 0);
  return draws;
}

function jitterLoss(path: { jitterMs?: number; lossPercent?: number }, run = 0): JitterLoss {
  const made = new JitterLoss(drawsOf(run), { rttMs: 50, ...path }, STREAMS);
  made.reset();
  return made;
}

function series(made: JitterLoss, packets: number): number[] {
  return Array.from({ length: packets }, () => made.next());
}

describe('jitter and loss', () => {
  it('loses nothing before the storm, and then the share that is said', () => {
    const made = jitterLoss({ lossPercent: 30 });
    expect(series(made, 1_000)).not.toContain(-1);
    made.beginLosses();
    const lost = series(made, 10_000).filter((us) => us < 0).length;
    // Binomial: 10 000 · 0.3 = 3000, standard deviation √(10 000 · 0.3 · 0.7) = 45.8; five of them.
    expect(Math.abs(lost - 3_000)).toBeLessThan(5 * 45.8);
  });

  it('delays evenly from nothing to the jitter', () => {
    const us = series(jitterLoss({ jitterMs: 20 }), 10_000);
    expect(Math.min(...us)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...us)).toBeLessThanOrEqual(20_000);
    const mean = us.reduce((sum, one) => sum + one, 0) / us.length;
    // Even over 0 … 20 ms: mean 10 ms, standard deviation 20 / √12 / √10 000 = 0.058 ms; five of them.
    expect(Math.abs(mean - 10_000)).toBeLessThan(5 * 58);
  });

  it('draws packet by packet: losses do not move the jitter of others, and a new life begins anew', () => {
    const lossless = jitterLoss({ jitterMs: 20 });
    const lossy = jitterLoss({ jitterMs: 20, lossPercent: 50 });
    lossy.beginLosses();
    const delays = series(lossless, 200);
    const drawn = series(lossy, 200);
    const arrived = (_: number, packet: number): boolean => (drawn[packet] ?? -1) >= 0;
    expect(drawn.filter(arrived)).toEqual(delays.filter(arrived));
    lossless.reset();
    expect(series(lossless, 200)).toEqual(delays);
  });
});

describe('a path with jitter', () => {
  it('keeps the order in which packets were sent, and delays each by at least its way', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 60 }),
        fc.nat(1_000),
        (gapsUs, run) => {
          const scheduler = createScheduler();
          const arrived: { seq: number; atUs: number }[] = [];
          const made = jitterLoss({ jitterMs: 40 }, run);
          const path = createPath(
            scheduler,
            { toClientUs: 25_000, toServerUs: 25_000 },
            ({ seq }) => arrived.push({ seq, atUs: scheduler.nowUs }),
            { toClient: made, toServer: made },
          );
          const sentUs: number[] = [];
          for (const gapUs of gapsUs) {
            scheduler.run(scheduler.nowUs + gapUs);
            path.toClient.send({ ...blankSegment(), seq: sentUs.length });
            sentUs.push(scheduler.nowUs);
          }
          scheduler.run(scheduler.nowUs + 100_000);
          expect(arrived.map(({ seq }) => seq)).toEqual(sentUs.map((_, index) => index));
          arrived.forEach(({ seq, atUs }) => {
            const tookUs = atUs - (sentUs[seq] ?? NaN);
            expect(tookUs).toBeGreaterThanOrEqual(25_000);
            // Its own jitter, or that of one before it, which it may not overtake.
            expect(tookUs).toBeLessThanOrEqual(25_000 + 40_000);
          });
        },
      ),
      cases(50),
    );
  });
});
