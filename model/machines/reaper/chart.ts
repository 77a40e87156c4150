/**
 * The reaper of one connection: a parallel chart with one region per mechanism that decides anything in
 * the process. Keepalive and user timeout are options of the kernel, drain is a deadline of the
 * whole server: they have no region. The first verdict of any region ends them all.
 *
 * A mechanism whose timer is lost neither probes nor judges: no region. One whose verdict is lost goes on
 * probing; an orderly end that never takes effect does nothing at all.
 */
import { kindOf } from '../../mechanisms/index.ts';
import type { RegionConfig } from '../../mechanisms/region/chart.ts';
import type { Clocks, ReaperPhase } from '../../mechanisms/region/clocks.ts';
import { lifeMask } from '../../mechanisms/region/life.ts';
import type { Granularity, Mechanism } from '../../policy/types.ts';

/** The chart of a policy's mechanisms; their positions number delays, events and effects. */
export function reaperChart(mechanisms: readonly Mechanism[]) {
  const regions: Record<string, RegionConfig> = {};
  mechanisms.forEach((mechanism, index) => {
    const region = hasRegion(mechanism) ? kindOf(mechanism).region?.(mechanism, index) : undefined;
    if (region !== undefined) regions[`${mechanism.kind}-${index}`] = region;
  });
  return {
    id: 'reaper',
    initial: 'watching',
    states: {
      watching: { type: 'parallel', on: { STOP: 'over' }, states: regions },
      over: { type: 'final' },
    },
  } as const;
}

/** Whether the mechanism decides anything in the process. */
export function hasRegion(mechanism: Mechanism): boolean {
  const kind = kindOf(mechanism);
  if (mechanism.lost === 'timer' || kind.region === undefined) return false;
  return mechanism.lost === undefined || kind.goesOnWithoutVerdict;
}

/** How long each clock of a mechanism runs, ms; one that waits for a coarser timer runs on to its tick. */
export function clocksMs(mechanism: Mechanism, phase: ReaperPhase): Clocks {
  const kind = kindOf(mechanism);
  return kind.region === undefined ? {} : kind.clocksMs(mechanism, phase);
}

/**
 * What a mechanism takes for a sign of life in RECEIVED, as a LifeBit mask; 0 where it does not tell bytes apart. For
 * `idle` it is what makes the connection busy, for `ping-strikes` what is counted.
 */
export function lifeMaskOf(mechanism: Mechanism): number {
  const kind = kindOf(mechanism);
  return kind.region === undefined ? 0 : kind.lifeMask(mechanism);
}

/** What in RECEIVED makes a sweep skip its next tick, as a LifeBit mask. */
export function skipMaskOf(mechanism: Mechanism): number {
  return lifeMask(kindOf(mechanism).skipsAfter?.(mechanism) ?? []);
}

/** The coarser timer that the mechanism's clocks wait for, if they do. */
export function granularityOf(mechanism: Mechanism): Granularity | undefined {
  return 'granularity' in mechanism ? mechanism.granularity : undefined;
}
