/** The client ends the connection by the closing handshake (RFC 6455 §7). */
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const close: FaultKind<'close'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'client-closes' }],
  remains: () => ({ ...NOTHING, ends: { by: 'client', with: 'close' } }),
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'close' }),
};
