/** Both directions cut, then healed. */
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { BUSY, IDLE } from './loads.ts';

const schema = variant('outage', 'Both directions cut, then healed.', { lengthMs: length });

export const outage: SilenceKind<typeof schema> = {
  schema,
  begins: () => [{ act: 'cut', toClient: true, toServer: true }],
  ends: () => [{ act: 'heal' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: ({ lengthMs }) => lengthMs,
  passesNoAnswer: true,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'outage', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'outage', lengthMs }, loads: [IDLE, BUSY] }),
};
