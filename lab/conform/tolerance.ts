/**
 * How far a recorded instant may be from the simulated one. The machine runs timers up to two ticks late, never early; but the
 * round trip that the kernel measured, which times its timers, is in no recording to the last millisecond, and rounding
 * makes a tick of that. The correction of the phase is taken off either, and more is believed only while the recorder itself
 * is seen to stall.
 */
import { oncePerTrace } from './once.ts';
import { timingOf } from './timing.ts';
import type { KernelTrace } from './trace.ts';

/** Seconds before and after the simulated instant. */
export interface Tolerance {
  readonly earlyS: number;
  readonly lateS: number;
  /** Moments in which the recording machine stood still, and for how long. */
  readonly stalls: readonly Stall[];
}

interface Stall {
  readonly t: number;
  readonly lastedS: number;
}

/** A timer softirq runs up to two ticks late (timer_migration.c, a busy CPU). */
export const LATE_JIFFIES = 2;

/** A timer that was computed from a round trip of another rounding may be a tick earlier. */
const EARLY_JIFFIES = 1;

/** What the recorder's own clock readings are off by, and less than makes a further tick. */
const NOISE_JIFFIES = 0.25;

/** A sample that comes so much after its beat shows that its machine had no time, as long before and after it as this. */
const STALL_S = 0.02;
const AROUND_S = 0.1;

/** In virtual time nothing is late: the rounding of the recorded numbers. */
const EXACT: Tolerance = { earlyS: 0.000_25, lateS: 0.000_25, stalls: [] };

/** Whether nothing in this recording is ever late. */
export function isVirtualTime(trace: KernelTrace): boolean {
  return timingOf(trace).isExact;
}

/** When samples came later after one another than they were to. */
const stallsOf = oncePerTrace(({ log, watch, sampleS }): Stall[] => {
  const samples = log.filter(({ who, event }) => who === watch && event === 'sample');
  return samples.flatMap(({ t }, index) => {
    const lastedS = t - (samples[index - 1]?.t ?? t) - sampleS;
    return lastedS > STALL_S ? [{ t, lastedS }] : [];
  });
});

/**
 * @param correctionJ by which `jiffies_at_t0` is taken to be off: what it shifts the replay by is taken off the tolerance,
 * so that both together are never more than two jiffies late, or one early
 */
export function toleranceOf(trace: KernelTrace, correctionJ: number): Tolerance {
  if (isVirtualTime(trace)) return EXACT;
  const earlyJ = EARLY_JIFFIES - Math.max(0, correctionJ) + NOISE_JIFFIES;
  const lateJ = LATE_JIFFIES + Math.min(0, correctionJ) + NOISE_JIFFIES;
  return {
    earlyS: earlyJ / trace.hz,
    lateS: lateJ / trace.hz,
    stalls: stallsOf(trace),
  };
}

/** Whether the recorded instant may be that of the simulated one. */
export function isWithin(
  { earlyS, lateS, stalls }: Tolerance,
  recordedS: number,
  simS: number,
): boolean {
  const lagS = recordedS - simS;
  if (lagS >= -earlyS && lagS <= lateS) return true;
  // What is late by a stall goes through it twice: when it is sent, and on the wire.
  const stall = stalls.find(({ t }) => Math.abs(recordedS - t) < AROUND_S);
  return stall !== undefined && lagS > 0 && lagS <= lateS + 2 * stall.lastedS;
}
