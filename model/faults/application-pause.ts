/** The client's application sends nothing of its own for a while; it still reads. */
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { BUSY } from './loads.ts';

const schema = variant(
  'application-pause',
  "The client's application sends nothing of its own; it still reads.",
  { lengthMs: length },
);

export const applicationPause: SilenceKind<typeof schema> = {
  schema,
  begins: () => [{ act: 'pause-application' }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: (_choices, { lengthMs }) => ({ kind: 'application-pause', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'application-pause', lengthMs }, loads: [BUSY] }),
};
