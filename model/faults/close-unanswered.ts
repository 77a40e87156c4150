/** The server begins the closing handshake, and the peer, whose kernel answers, never does. */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

const schema = variant(
  'close-unanswered',
  'The server begins the closing handshake, and the peer never answers it.',
  {},
);

export const closeUnanswered: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'freeze-process' }, { act: 'server-closes' }],
  remains: () => ({ ...KERNEL, ends: { by: 'server', with: 'close' } }),
  asSilence: () => null,
  lastsMs: () => 0,
  serverActs: true,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'close-unanswered' }),
};
