/**
 * Clocks that only a coarser timer looks at: how much sooner or later than its time such a clock runs
 * out. Rounding up, it is the first tick at or after the time; rounding down, the last one at or
 * before it, but never the instant at which the clock was started.
 */
import type { Granularity } from '../../policy/types.ts';

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

/** How a formula writes a clock that is rounded. */
export function clockText(field: string, granularity?: Granularity): string {
  if (granularity === undefined) return field;
  return granularity.direction === 'up'
    ? `⌈${field}⌉ to the next ${granularity.everyMs} ms`
    : `⌊${field}⌋ to the last ${granularity.everyMs} ms`;
}
