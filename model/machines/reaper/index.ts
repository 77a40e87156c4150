/** The reaper: one region per mechanism, composed into one parallel chart. */
export {
  clocksMs,
  granularityOf,
  hasRegion,
  lifeMaskOf,
  reaperChart,
  skipMaskOf,
} from './chart.ts';
