/** The client's network changes: its old address is gone, and it comes back as a new connection. */
import { duration, variant } from '../schema/words.ts';
import { between } from './choices.ts';
import type { FaultKind } from './kind.ts';
import { NOTHING } from './remains.ts';

const schema = variant(
  'network-change',
  "The client's old address is gone; it comes back as a new connection.",
  { reconnectMs: duration('Time until it is back.', { minMs: 0 }) },
);

export const networkChange: FaultKind<typeof schema> = {
  schema,
  instant: () => ({ by: 'chance' }),
  acts: ({ reconnectMs }) => [
    { act: 'cut', toClient: true, toServer: true },
    { act: 'lose-address' },
    { act: 'later', afterMs: reconnectMs, event: 'client-returns' },
  ],
  remains: () => NOTHING,
  asSilence: () => 'outage',
  lastsMs: ({ reconnectMs }) => reconnectMs,
  returnsAfterMs: ({ reconnectMs }) => reconnectMs,
  passesNoAnswer: true,
  readsOn: false,
  draw: (choices) => ({ kind: 'network-change', reconnectMs: between(choices, 100, 30_000) }),
};
