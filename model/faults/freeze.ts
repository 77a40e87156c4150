/** The client's process stops for ever; its kernel still answers. */
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

export const freeze: FaultKind<'freeze'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'freeze-process' }],
  remains: () => KERNEL,
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: () => ({ kind: 'freeze' }),
};
