/** The reaper: one region per mechanism, composed into one parallel machine. */
export {
  clocksMs,
  granularityOf,
  hasRegion,
  lifeMaskOf,
  reaperMachine,
  skipMaskOf,
} from './machine.ts';
