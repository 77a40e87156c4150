/**
 * Two faults, one after the other: the client's process stops, and later its host is gone as well. Behind a shut window the kernel has backed
 * its probes off to two minutes by then, and counts as many of them again as it would have from the beginning (golang/go#31490: half an hour).
 */
import { duration, variant } from '../schema/words.ts';
import { between } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { KERNEL } from './remains.ts';

const schema = variant(
  'frozen-then-gone',
  "The client's process stops, its kernel answers on; later the host is gone as well.",
  { goneAfterMs: duration('From the stop of the process until packets vanish.') },
);

export const frozenThenGone: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: ({ goneAfterMs }) => [
    { act: 'freeze-process' },
    { act: 'later', afterMs: goneAfterMs, event: 'vanishes' },
  ],
  remains: () => KERNEL,
  changes: 'a second fault that follows the first',
  asSilence: () => 'process-pause',
  lastsMs: ({ goneAfterMs }) => goneAfterMs,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({
    kind: 'frozen-then-gone',
    goneAfterMs: between(choices, 1_000, 1_800_000),
  }),
};
