/** The client reads exactly as fast as the server writes, behind a queue of constant length. */
import { bytes, bytesPerSecond } from '../schema/names.ts';
import { variant } from '../schema/words.ts';
import { between } from './choices.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';

const schema = variant(
  'plateau',
  'The client reads as fast as the server writes, behind a queue of constant length.',
  {
    queueBytes: bytes('Length of the queue'),
    bytesPerSecond: bytesPerSecond('Rate of both'),
    lengthMs: length,
  },
);

export const plateau: SilenceKind<typeof schema> = {
  schema,
  begins: ({ bytesPerSecond, queueBytes }) => [
    { act: 'read-at-rate', bytesPerSecond },
    { act: 'hold-queue', bytes: queueBytes },
  ],
  ends: () => [{ act: 'release-queue' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (choices, { lengthMs, bytesPerSecond }) => ({
    kind: 'plateau',
    queueBytes: between(choices, 1_000, 500_000),
    bytesPerSecond,
    lengthMs,
  }),
  ofLength: (lengthMs) => ({
    silence: { kind: 'plateau', queueBytes: 131_072, bytesPerSecond: 16_384, lengthMs },
    loads: [{ kind: 'periodic', bytes: 8_192, everyMs: 500, direction: 'server' }],
  }),
};
