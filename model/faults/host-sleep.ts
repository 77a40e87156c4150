/** The client's host sleeps; it wakes and finds what is left of the connection, or goes on where it stopped. */
import { duration, variant } from '../schema/words.ts';
import { between } from './choices.ts';
import { length } from './fields.ts';
import type { FaultKind, SilenceKind } from './kind.ts';
import { BUSY, IDLE } from './loads.ts';
import { NOTHING } from './remains.ts';

const faultSchema = variant(
  'host-sleep',
  "The client's host sleeps, then wakes and finds what is left of the connection.",
  { lengthMs: duration('How long it sleeps.') },
);

const silenceSchema = variant(
  'host-sleep',
  "The client's host sleeps and wakes where it stopped.",
  { lengthMs: length },
);

/** So long that the peer is to be noticed meanwhile. */
export const hostSleep: FaultKind<typeof faultSchema> = {
  schema: faultSchema,
  instant: () => ({ by: 'chance' }),
  acts: ({ lengthMs }) => [
    { act: 'host-sleeps' },
    { act: 'later', afterMs: lengthMs, event: 'host-wakes' },
  ],
  remains: () => NOTHING,
  asSilence: () => 'host-sleep',
  lastsMs: ({ lengthMs }) => lengthMs,
  wakesAfterMs: ({ lengthMs }) => lengthMs,
  passesNoAnswer: true,
  readsOn: true,
  draw: (choices) => ({ kind: 'host-sleep', lengthMs: between(choices, 60_000, 28_800_000) }),
};

/** For a while. */
export const hostSleepSilence: SilenceKind<typeof silenceSchema> = {
  schema: silenceSchema,
  begins: () => [{ act: 'host-sleeps' }],
  ends: () => [{ act: 'host-wakes' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: ({ lengthMs }) => lengthMs,
  passesNoAnswer: true,
  readsOn: true,
  draw: (_choices, { lengthMs }) => ({ kind: 'host-sleep', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'host-sleep', lengthMs }, loads: [IDLE, BUSY] }),
};
