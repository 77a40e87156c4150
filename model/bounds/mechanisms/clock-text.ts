/** How a formula writes a clock that is rounded to the ticks of a coarser one. */
import type { Granularity } from '../../policy/types.ts';

export function clockText(field: string, granularity?: Granularity): string {
  if (granularity === undefined) return field;
  return granularity.direction === 'up'
    ? `⌈${field}⌉ to the next ${granularity.everyMs} ms`
    : `⌊${field}⌋ to the last ${granularity.everyMs} ms`;
}
