/** The client's process stops for ever; its kernel still answers. */
import { variant } from '../schema/words.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

const schema = variant(
  'freeze',
  "The client's process stops for ever; its kernel still answers.",
  {},
);

export const freeze: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'freeze-process' }],
  remains: () => KERNEL,
  asSilence: () => 'process-pause',
  lastsMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: () => ({ kind: 'freeze' }),
};
