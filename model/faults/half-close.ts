/** The client shuts its sending side and goes away without more: the server stands in CLOSE_WAIT until it closes. */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

const schema = variant(
  'half-close',
  'The client shuts its sending side and goes away without more.',
  {},
);

export const halfClose: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'client-half-closes' }],
  remains: () => ({ ...KERNEL, ends: { by: 'client', with: 'fin' } }),
  asSilence: () => null,
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'half-close' }),
};
