/** The opening is never finished: the peer vanishes after its SYN, or is silent once TCP is established. */
import { oneOf } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL, NOTHING } from './remains.ts';

export const handshakeAbandoned: FaultKind<'handshake-abandoned'> = {
  instant: ({ after }) => ({ by: 'opening', after }),
  // It begins with the life: there is no instant at which anything more is done.
  acts: () => [],
  remains: ({ after }) => (after === 'established' ? KERNEL : NOTHING),
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (choices) => ({
    kind: 'handshake-abandoned',
    after: oneOf(choices, ['syn', 'established']),
  }),
};
