/** The server's event loop stalls: nothing runs in the process, the load neither. */
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { BUSY } from './loads.ts';

const schema = variant(
  'server-stall',
  "The server's event loop stalls: nothing runs in the process.",
  { lengthMs: length },
);

export const serverStall: SilenceKind<typeof schema> = {
  schema,
  begins: () => [{ act: 'stall-server' }],
  ends: () => [{ act: 'resume-server' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'server-stall', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'server-stall', lengthMs }, loads: [BUSY] }),
};
