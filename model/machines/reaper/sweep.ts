/**
 * Alive-flag sweep: at each tick a connection whose flag is still down is reaped; else the flag goes down
 * and, where the policy says so, a ping goes out. A sign of life puts the flag up.
 *
 * With `misses` the flag goes down in steps, and the tick that finds it at the bottom reaps. With `skipAfter` a
 * filter stands between the clock and the flag: a tick after such a sign does nothing.
 */
import type { SweepMechanism } from '../../policy/types.ts';
import { cadence, onLife, pingOut, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function sweepRegion(reaper: ReaperSetup, sweep: SweepMechanism, mechanism: number) {
  if (sweep.skipAfter === undefined) {
    return reaper.createStateConfig({
      type: 'parallel',
      states: {
        cadence: cadence(reaper, mechanism),
        flag: flag(reaper, sweep, mechanism, `tick.${mechanism}`),
      },
    });
  }
  return reaper.createStateConfig({
    type: 'parallel',
    states: {
      cadence: cadence(reaper, mechanism),
      since: since(reaper, sweep.skipAfter, mechanism),
      flag: flag(reaper, sweep, mechanism, `judge.${mechanism}`),
    },
  });
}

/** What the tick finds of the flag. */
function flag(
  reaper: ReaperSetup,
  sweep: SweepMechanism,
  mechanism: number,
  tick: `tick.${number}` | `judge.${number}`,
) {
  const { misses = 1 } = sweep;
  const actions = sweep.ping ? pingOut(reaper, mechanism) : [];
  const bottom = sweep.lost === 'verdict' ? { actions } : verdict('reap', mechanism);
  const down = Array.from({ length: misses }, (_, index) => {
    const missed = index + 1;
    const judged = missed < misses ? { target: downBy(missed + 1), actions } : bottom;
    return [
      downBy(missed),
      { on: { [tick]: judged, ...onLife(sweep.life, { target: 'up' }) } },
    ] as const;
  });
  return reaper.createStateConfig({
    initial: 'up',
    states: {
      up: { on: { [tick]: { target: downBy(1), actions } } },
      ...Object.fromEntries(down),
    },
  });
}

function downBy(missed: number): string {
  return missed === 1 ? 'down' : `down${missed}`;
}

/** Whether a sign that makes the next tick superfluous came since the last one. */
function since(
  reaper: ReaperSetup,
  skipAfter: NonNullable<SweepMechanism['skipAfter']>,
  mechanism: number,
) {
  const tick = `tick.${mechanism}` as const;
  return reaper.createStateConfig({
    initial: 'quiet',
    states: {
      quiet: {
        on: {
          ...onLife(skipAfter, { target: 'busy' }),
          [tick]: { actions: reaper.raise({ type: `judge.${mechanism}` }) },
        },
      },
      busy: { on: { [tick]: 'quiet' } },
    },
  });
}
