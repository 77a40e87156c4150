/** Clocks that are only looked at by a coarser timer of the connection or of the process. */
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
