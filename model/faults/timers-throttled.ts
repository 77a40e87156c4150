/** Timers of the client's application run only once in a while; what it is told, it answers. */
import { oneOf } from './choices.ts';
import type { SilenceKind } from './kind.ts';
import { IDLE } from './loads.ts';

export const timersThrottled: SilenceKind<'timers-throttled'> = {
  begins: ({ everyMs }) => [{ act: 'throttle-timers', everyMs }],
  ends: () => [],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: false,
  readsOn: true,
  draw: (choices, { lengthMs }) => ({
    kind: 'timers-throttled',
    everyMs: oneOf(choices, [1_000, 60_000]),
    lengthMs,
  }),
  ofLength: (lengthMs) => ({
    silence: { kind: 'timers-throttled', everyMs: 60_000, lengthMs },
    loads: [IDLE],
  }),
};
