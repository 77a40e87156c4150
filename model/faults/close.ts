/** The client ends the connection by the closing handshake (RFC 6455 §7). */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant('close', 'The closing handshake (RFC 6455 §7).', {});

export const close: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'client-closes' }],
  remains: () => ({ ...NOTHING, ends: { by: 'client', with: 'close' } }),
  asSilence: () => null,
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'close' }),
};
