/** The reaper: one region per mechanism, composed into one parallel machine. */
export { clocksMs } from './clocks.ts';
export { hasRegion, reaperMachine } from './machine.ts';
export { granularityOf, lifeMaskOf, skipMaskOf, untilNextTick } from './language.ts';
export type { DelayKind, HostEvent, SampleReading } from './language.ts';
