/** Reaps a socket that a look, every `everyMs`, finds in another TCP state than ESTABLISHED. */
import type { PeerClosedMechanism } from '../../policy/types.ts';
import { cadence, verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function peerClosedRegion(
  reaper: ReaperSetup,
  closed: PeerClosedMechanism,
  mechanism: number,
) {
  const params = { mechanism };
  const reaps = {
    SAMPLED: { guard: { type: 'notEstablished', params }, ...verdict('reap', mechanism) },
  } as const;
  return reaper.createStateConfig({
    type: 'parallel',
    states: {
      cadence: cadence(reaper, mechanism),
      state: {
        initial: 'watched',
        states: {
          watched: {
            on: {
              [`tick.${mechanism}`]: { actions: { type: 'sample', params } },
              ...(closed.lost === 'verdict' ? {} : reaps),
            },
          },
        },
      },
    },
  });
}
