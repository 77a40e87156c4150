/** Both directions cut, then healed. */
import type { SilenceKind } from './kind.ts';
import { BUSY, IDLE } from './loads.ts';

export const outage: SilenceKind<'outage'> = {
  begins: () => [{ act: 'cut', toClient: true, toServer: true }],
  ends: () => [{ act: 'heal' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: ({ lengthMs }) => lengthMs,
  passesNoAnswer: true,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'outage', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'outage', lengthMs }, loads: [IDLE, BUSY] }),
};
