/** The server's event loop stalls: nothing runs in the process, the load neither. */
import type { SilenceKind } from './kind.ts';
import { BUSY } from './loads.ts';

export const serverStall: SilenceKind<'server-stall'> = {
  begins: () => [{ act: 'stall-server' }],
  ends: () => [{ act: 'resume-server' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: true,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'server-stall', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'server-stall', lengthMs }, loads: [BUSY] }),
};
