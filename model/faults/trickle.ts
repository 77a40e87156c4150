/** The client reads a little every so often and nothing else. */
import { bytes } from '../schema/names.ts';
import { duration, variant } from '../schema/words.ts';
import { between } from './choices.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { SATURATED } from './loads.ts';

const schema = variant('trickle', 'The client reads `bytes` every `everyMs` and nothing else.', {
  bytes: bytes('What one read takes'),
  everyMs: duration('Time between two reads.'),
  lengthMs: length,
});

export const trickle: SilenceKind<typeof schema> = {
  schema,
  begins: ({ bytes, everyMs }) => [{ act: 'read-paced', bytes, everyMs }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (choices, { lengthMs }) => ({
    kind: 'trickle',
    bytes: between(choices, 1_000, 100_000),
    everyMs: between(choices, 100, 10_000),
    lengthMs,
  }),
  ofLength: (lengthMs) => ({
    silence: { kind: 'trickle', bytes: 32_768, everyMs: 2_000, lengthMs },
    loads: [SATURATED],
  }),
};
