/** Timers of the client's application run only once in a while; what it is told, it answers. */
import { duration, variant } from '../schema/words.ts';
import { oneOf } from './choices.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { IDLE } from './loads.ts';

const schema = variant(
  'timers-throttled',
  "Timers of the client's application run only once in a while.",
  {
    everyMs: duration('Time between two instants at which timers run.'),
    lengthMs: length,
  },
);

export const timersThrottled: SilenceKind<typeof schema> = {
  schema,
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
