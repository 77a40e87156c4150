/** The client's network changes: its old address is gone, and it comes back as a new connection. */
import { between } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

export const networkChange: FaultKind<'network-change'> = {
  instant: () => ({ by: 'chance' }),
  acts: ({ reconnectMs }) => [
    { act: 'cut', toClient: true, toServer: true },
    { act: 'lose-address' },
    { act: 'later', afterMs: reconnectMs, event: 'client-returns' },
  ],
  remains: () => NOTHING,
  lastsMs: ({ reconnectMs }) => reconnectMs,
  returnsAfterMs: ({ reconnectMs }) => reconnectMs,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({ kind: 'network-change', reconnectMs: between(choices, 100, 30_000) }),
};
