/** The client's process dies; its kernel closes the socket for it. */
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const crash: FaultKind<'crash'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'crash-process' }],
  remains: () => ({ ...NOTHING, ends: { by: 'client', with: 'fin' } }),
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'crash' }),
};
