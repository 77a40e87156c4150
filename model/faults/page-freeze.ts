/** The client's application stops, for ever or for a while; its library or network service answers pings meanwhile. */
import type { FaultKind, SilenceKind } from './kind.ts';
import { BUSY, IDLE } from './loads.ts';
import { KERNEL } from './remains.ts';

/** For ever. */
export const pageFreeze: FaultKind<'page-freeze'> = {
  instant: () => ({ by: 'chance' }),
  acts: () => [{ act: 'freeze-application' }],
  remains: () => ({ ...KERNEL, answersPings: true }),
  lastsMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: () => ({ kind: 'page-freeze' }),
};

/** For a while. */
export const pageFreezeSilence: SilenceKind<'page-freeze'> = {
  begins: () => [{ act: 'freeze-application' }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: false,
  draw: (_choices, { lengthMs }) => ({ kind: 'page-freeze', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'page-freeze', lengthMs }, loads: [IDLE, BUSY] }),
};
