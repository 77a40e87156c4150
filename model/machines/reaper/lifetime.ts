/** Orderly ends: of a connection that carried no message, either way, for a while; and of one that is old. */
import { LifeBit } from '../../reaper/types.ts';
import { verdict } from './parts.ts';
import type { ReaperSetup } from './setup.ts';

export function idleRegion(reaper: ReaperSetup, mechanism: number) {
  const isMessage = { type: 'isLife', params: { lifeMask: LifeBit.Message } } as const;
  return reaper.createStateConfig({
    initial: 'counting',
    states: {
      counting: {
        on: {
          RECEIVED: { guard: isMessage, target: 'counting', reenter: true },
          MESSAGE_SENT: { target: 'counting', reenter: true },
        },
        after: { [`idle.${mechanism}`]: verdict('close', mechanism) },
      },
    },
  });
}

export function ageRegion(reaper: ReaperSetup, mechanism: number) {
  return reaper.createStateConfig({
    initial: 'counting',
    states: { counting: { after: { [`age.${mechanism}`]: verdict('close', mechanism) } } },
  });
}
