/** The server's own process does not run; what arrives waits unread. A watchdog outside it runs on. */
import { variant } from '../schema/words.ts';
import { length } from './fields.ts';
import type { SilenceKind } from './kind.ts';
import { BUSY } from './loads.ts';

const schema = variant(
  'server-starved',
  "The server's own process does not run; what arrives waits unread.",
  { lengthMs: length },
);

export const serverStarved: SilenceKind<typeof schema> = {
  schema,
  begins: () => [{ act: 'starve-server' }],
  ends: () => [{ act: 'feed-server' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: true,
  readsOn: true,
  draw: (_choices, { lengthMs }) => ({ kind: 'server-starved', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'server-starved', lengthMs }, loads: [BUSY] }),
};
