/** The client drains a steady rate and answers each ping when it reaches it. */
import type { SilenceKind } from './kind.ts';
import { SATURATED } from './loads.ts';

export const slowReader: SilenceKind<'slow-reader'> = {
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
