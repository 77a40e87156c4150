/**
 * How late the recorded machine ran its timers, read off the packets that they sent.
 *
 * The timers of an idle CPU are run by another one, often a tick late; a busy machine is later still.
 * The lateness says nothing about TCP's rules, but what a timer's handler arms is counted from the late
 * instant. So it is an input of the replay, like the instants at which the processes did what they did.
 * Source: kernel/time/timer_migration.c, kernel/time/timer.c __run_timers.
 */

import { bothSides, type KernelTrace, type Side } from './trace.ts';

/** Timers run on ticks, and a recording is right to this part of a tick. */
const TICK_SLACK = 0.1;

/** How much lateness is believed. */
export interface LatenessLimits {
  /** Any timer may be this late. */
  readonly usualTicks: number;
}

/** How late timers run in a replay, in seconds of the recording. */
export interface Lateness {
  /** Of the timers due at `dueS`. */
  latenessS(dueS: number): number;
  /** Which of two buckets a timer at the border of two levels of the wheel is put into. */
  bucketS(finerS: number, coarserS: number): number;
  /** When the timer that ran at `runS` had been due. */
  dueS(runS: number): number;
}

/**
 * Of both sides: `signalsS` are what the watched side's timers sent; those of its peer, which are hardly more than delayed ACKs, are read
 * off its bare ACKs.
 */
export function latenessOf(
  trace: KernelTrace,
  signalsS: readonly number[],
  limits: LatenessLimits,
): Readonly<Record<Side, Lateness>> {
  return bothSides((side) => {
    const sentS = side === trace.watch ? signalsS : bareAcksS(trace, side);
    return new RecordedLateness(sentS, 1 / trace.hz, limits);
  });
}

function bareAcksS({ packets }: KernelTrace, side: Side): number[] {
  return packets.flatMap(({ from, t, flags, length }) =>
    from === side && flags === '.' && length === 0 ? [t] : [],
  );
}

/** Answers for each timer that is due in the replay how late it ran in the recording. */
class RecordedLateness implements Lateness {
  private readonly sentS: readonly number[];
  private readonly tickS: number;
  private readonly limits: LatenessLimits;
  private readonly dueOf = new Map<number, number>();

  /** @param sentS recorded instants of the packets that timers sent, ascending, seconds */
  constructor(sentS: readonly number[], tickS: number, limits: LatenessLimits) {
    this.sentS = sentS;
    this.tickS = tickS;
    this.limits = limits;
  }

  /** Whole ticks from `dueS` to the recorded packet that such a timer sent, in seconds; 0 where there is none. */
  latenessS(dueS: number): number {
    const sentS = this.sentS.find((t) => t > dueS - (1 - TICK_SLACK) * this.tickS);
    if (sentS === undefined) return 0;
    const ticks = Math.floor((sentS - dueS) / this.tickS + TICK_SLACK);
    if (ticks <= 0 || ticks > this.limits.usualTicks) return 0;
    const latenessS = ticks * this.tickS;
    this.dueOf.set(Math.round((dueS + latenessS) * 1e6), dueS);
    return latenessS;
  }

  /** The finer bucket's instant where the recorded packet shows that the timer was in it, else the coarser one's. */
  bucketS(finerS: number, coarserS: number): number {
    const fromS = finerS - (1 - TICK_SLACK) * this.tickS;
    const sentS = this.sentS.find((t) => t > fromS);
    const untilS = finerS + this.limits.usualTicks * this.tickS;
    return sentS !== undefined && sentS <= untilS && sentS < coarserS ? finerS : coarserS;
  }

  /** When the timer that ran at `runS` had been due. */
  dueS(runS: number): number {
    return this.dueOf.get(Math.round(runS * 1e6)) ?? runS;
  }
}
