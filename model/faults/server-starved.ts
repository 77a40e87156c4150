/** The server's own process does not run; what arrives waits unread. A watchdog outside it runs on. */
import type { SilenceKind } from './kind.ts';
import { BUSY } from './loads.ts';

export const serverStarved: SilenceKind<'server-starved'> = {
  begins: () => [{ act: 'starve-server' }],
  ends: () => [{ act: 'feed-server' }],
  lengthMs: ({ lengthMs }) => lengthMs,
  backsOffMs: () => 0,
  passesNoAnswer: true,
  readsOn: true,
  draw: (_choices, { lengthMs }) => ({ kind: 'server-starved', lengthMs }),
  ofLength: (lengthMs) => ({ silence: { kind: 'server-starved', lengthMs }, loads: [BUSY] }),
};
