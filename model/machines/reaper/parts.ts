/** What several regions are made of. */
import type { ReaperSetup } from './setup.ts';

/** A clock that ticks on a grid: the first tick, then one every interval. */
export function cadence(reaper: ReaperSetup, mechanism: number) {
  const tick = reaper.raise({ type: `tick.${mechanism}` });
  return reaper.createStateConfig({
    initial: 'first',
    states: {
      first: { after: { [`first.${mechanism}`]: { target: 'repeating', actions: tick } } },
      repeating: {
        after: {
          [`interval.${mechanism}`]: { target: 'repeating', reenter: true, actions: tick },
        },
      },
    },
  });
}

/** The end: the whole reaper is over, whichever region decided. */
export function verdict(effect: 'reap' | 'close', mechanism: number) {
  return { target: '#reaper.over', actions: { type: effect, params: { mechanism } } } as const;
}
