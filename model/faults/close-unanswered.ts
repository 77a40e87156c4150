/** The server begins the closing handshake, and the peer, whose kernel answers, never does. */
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

export const closeUnanswered: FaultKind<'close-unanswered'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'freeze-process' }, { act: 'server-closes' }],
  remains: () => ({ ...KERNEL, ends: { by: 'server', with: 'close' } }),
  lastsMs: () => 0,
  serverActs: true,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'close-unanswered' }),
};
