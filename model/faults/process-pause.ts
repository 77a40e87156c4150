/** The client's process stops and goes on (a garbage collection, a debugger); its kernel answers. */
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { BUSY, IDLE } from './loads.ts';

const schema = variant(
  'process-pause',
  "The client's process stops and goes on; its kernel answers meanwhile.",
  { lengthMs: length },
);

export const processPause: SilenceKind<typeof schema> = {
  schema,
  begins: () => [{ act: 'stop-process' }],
  ends: () => [{ act: 'resume-process' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'process-pause', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'process-pause', lengthMs }, loads: [IDLE, BUSY] }),
};
