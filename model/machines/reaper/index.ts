/** The reaper: one region per mechanism, composed into one parallel machine. */
export { hasRegion, reaperMachine } from './machine.ts';
export { clocksMs } from './setup.ts';
export { lifeMaskOf } from './vocabulary.ts';
export type { DelayKind, HostEvent, SampleReading } from './vocabulary.ts';
