/** The client's application stops, for ever or for a while; its library or network service answers pings meanwhile. */
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { FaultKind, SilenceKind } from './kind.ts';
import { BUSY, IDLE } from './loads.ts';
import { KERNEL } from './remains.ts';

const faultSchema = variant(
  'page-freeze',
  "The client's application stops for ever; its library or network service still answers pings.",
  {},
);

const silenceSchema = variant(
  'page-freeze',
  "The client's application stops and goes on; its library or network service answers pings meanwhile.",
  { lengthMs: length },
);

/** For ever. */
export const pageFreeze: FaultKind<typeof faultSchema> = {
  schema: faultSchema,
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'freeze-application' }],
  remains: () => ({ ...KERNEL, answersPings: true }),
  asSilence: () => 'page-freeze',
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'page-freeze' }),
};

/** For a while. */
export const pageFreezeSilence: SilenceKind<typeof silenceSchema> = {
  schema: silenceSchema,
  begins: () => [{ act: 'freeze-application' }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'page-freeze', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'page-freeze', lengthMs }, loads: [IDLE, BUSY] }),
};
