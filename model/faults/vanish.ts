/** Packets vanish for ever: both ways, or only those sent by one side. */
import { choice, variant, withDefault } from '../schema/words.ts';
import { oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant('vanish', 'Packets vanish for ever.', {
  direction: withDefault(
    choice('Whose packets vanish.', ['both', 'server-to-client', 'client-to-server']),
    'both',
  ),
});

export const vanish: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: ({ direction }) => [
    {
      act: 'cut',
      toClient: direction !== 'client-to-server',
      toServer: direction !== 'server-to-client',
    },
  ],
  remains: ({ direction }) => ({ ...NOTHING, isHeard: direction === 'server-to-client' }),
  asSilence: () => 'outage',
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({
    kind: 'vanish',
    direction: oneOf(choices, ['both', 'server-to-client', 'client-to-server']),
  }),
};
