/** The opening is never finished: the peer vanishes after its SYN, or is silent once TCP is established. */
import { choice, variant } from '../schema/words.ts';
import { oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL, NOTHING } from './remains.ts';

const schema = variant('handshake-abandoned', 'The opening is never finished.', {
  after: choice("The last thing the peer did: sent its SYN, or finished TCP's handshake.", [
    'syn',
    'established',
  ]),
});

export const handshakeAbandoned: FaultKind<typeof schema> = {
  schema,
  instant: ({ after }) => ({ by: 'opening', after }),
  // It begins with the life: there is no instant at which anything more is done.
  acts: () => [],
  remains: ({ after }) => (after === 'established' ? KERNEL : NOTHING),
  asSilence: () => null,
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (choices) => ({
    kind: 'handshake-abandoned',
    after: oneOf(choices, ['syn', 'established']),
  }),
};
