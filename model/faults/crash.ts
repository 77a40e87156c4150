/** The client's process dies; its kernel closes the socket for it. */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant(
  'crash',
  "The client's process dies; its kernel closes the socket for it.",
  {},
);

export const crash: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'crash-process' }],
  remains: () => ({ ...NOTHING, ends: { by: 'client', with: 'fin' } }),
  asSilence: () => null,
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'crash' }),
};
