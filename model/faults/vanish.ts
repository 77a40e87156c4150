/** Packets vanish for ever: both ways, or only those sent by one side. */
import { oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const vanish: FaultKind<'vanish'> = {
  instant: () => ({ by: 'chance' }),
  acts: ({ direction }) => [
    {
      act: 'cut',
      toClient: direction !== 'client-to-server',
      toServer: direction !== 'server-to-client',
    },
  ],
  remains: ({ direction }) => ({ ...NOTHING, isHeard: direction === 'server-to-client' }),
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({
    kind: 'vanish',
    direction: oneOf(choices, ['both', 'server-to-client', 'client-to-server']),
  }),
};
