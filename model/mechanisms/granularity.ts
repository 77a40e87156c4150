/**
 * Clocks that are only looked at by a coarser timer of the connection or of the process: how much sooner or later than its
 * time such a clock runs out. Rounding up, it is the first tick at or after the time; rounding down, the last one at or before
 * it, but never the instant at which the clock was started.
 */
import type { Granularity } from './fields.ts';
import type { Cycle } from './cycle.ts';

interface Rounded {
  readonly kind: string;
  readonly granularity?: Granularity;
}

/** How much later than due a clock may be looked at, ms. */
export function tickMs({ granularity }: Rounded): number {
  return granularity?.everyMs ?? 0;
}

/** The coarser timer as something that repeats. */
export function coarseTimer({ kind, granularity }: Rounded): readonly Cycle[] {
  if (granularity === undefined) return [];
  const { everyMs, grid: clock } = granularity;
  return [{ everyMs, clock, what: `the coarse timer of ${kind}`, speaks: false }];
}

/** Least and greatest time that a clock takes, ms. */
export interface ClockRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** A clock started at any phase of the grid. */
export function roundedClock(durationMs: number, granularity?: Granularity): ClockRange {
  if (granularity === undefined) return { minMs: durationMs, maxMs: durationMs };
  const { everyMs, direction } = granularity;
  return direction === 'up'
    ? { minMs: durationMs, maxMs: durationMs + everyMs }
    : { minMs: Math.max(0, durationMs - everyMs), maxMs: Math.max(durationMs, everyMs) };
}

/** A clock started on the grid itself: by another clock of the same grid that ran out. */
export function clockFromTick(durationMs: number, granularity: Granularity): ClockRange {
  const { everyMs, direction } = granularity;
  const ticks = durationMs / everyMs;
  const rounded =
    direction === 'up' ? Math.ceil(ticks) * everyMs : Math.max(1, Math.floor(ticks)) * everyMs;
  return { minMs: rounded, maxMs: rounded };
}
