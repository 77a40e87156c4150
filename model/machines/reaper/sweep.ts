/**
 * Alive-flag sweep: at each tick a connection whose flag is still down is reaped; else the flag goes down
 * and, where the policy says so, a ping goes out. A sign of life puts the flag up.
 */
import type { SweepMechanism } from '../../policy/types.ts';
import { lifeMask } from './vocabulary.ts';
import { cadence, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function sweepRegion(reaper: ReaperSetup, sweep: SweepMechanism, mechanism: number) {
  const tick = `tick.${mechanism}` as const;
  const ping = sweep.ping ? [{ type: 'ping', params: { mechanism } } as const] : [];
  const isLife = { type: 'isLife', params: { lifeMask: lifeMask(sweep.life) } } as const;
  return reaper.createStateConfig({
    type: 'parallel',
    states: {
      cadence: cadence(reaper, mechanism),
      flag: {
        initial: 'up',
        states: {
          up: { on: { [tick]: { target: 'down', actions: ping } } },
          down: {
            on: {
              [tick]: sweep.lost === 'verdict' ? { actions: ping } : verdict('reap', mechanism),
              RECEIVED: { guard: isLife, target: 'up' },
            },
          },
        },
      },
    },
  });
}
