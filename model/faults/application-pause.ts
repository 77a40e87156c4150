/** The client's application sends nothing of its own for a while; it still reads. */
import type { SilenceKind } from './kind.ts';
import { BUSY } from './loads.ts';

export const applicationPause: SilenceKind<'application-pause'> = {
  begins: () => [{ act: 'pause-application' }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: (_choices, { lengthMs }) => ({ kind: 'application-pause', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'application-pause', lengthMs }, loads: [BUSY] }),
};
