/** The client drains a steady rate and answers each ping when it reaches it. */
import { bytesPerSecond } from '../schema/names.ts';
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { SATURATED } from './loads.ts';

const schema = variant(
  'slow-reader',
  'The client drains a steady rate and answers each ping when it reaches it.',
  { bytesPerSecond: bytesPerSecond('Rate'), lengthMs: length },
);

export const slowReader: SilenceKind<typeof schema> = {
  schema,
  begins: ({ bytesPerSecond }) => [{ act: 'read-at-rate', bytesPerSecond }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (_choices, { lengthMs, bytesPerSecond }) => ({
    kind: 'slow-reader',
    bytesPerSecond,
    lengthMs,
  }),
  ofLength: (lengthMs) => ({
    silence: { kind: 'slow-reader', bytesPerSecond: 100_000, lengthMs },
    loads: [SATURATED],
  }),
};
