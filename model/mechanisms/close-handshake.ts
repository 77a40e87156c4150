/** How long the closing handshake may take, once this side has begun it; then the descriptor is closed (RFC 6455 §7.1.1). */
import {
  choice,
  duration,
  nullable,
  variant,
  withDefault,
  type Canonical,
} from '../schema/words.ts';
import { lost } from './fields.ts';
import type { MechanismKind } from './kind.ts';

const schema = variant('close-handshake', 'How long the closing handshake may take.', {
  timeoutMs: nullable(
    duration('How long the closing handshake may take.', { minMs: 0 }),
    'for ever',
  ),
  clock: withDefault(
    choice('From when the Close frame is queued, or from when the send path has taken it.', [
      'enqueued',
      'written',
    ]),
    'enqueued',
  ),
  lost,
});

/** How long the closing handshake may take, once this side has begun it; then the descriptor is closed. */
export interface CloseHandshakeMechanism extends Canonical<typeof schema> {}

export const closeHandshake: MechanismKind<typeof schema> = {
  schema,
  carrier: 'handshake',
  ends: 'in-order',
  onlyOnce: true,
  // Without its own time limit a handshake does not get the usual one, but none.
  showsWhenLost: true,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: () => 0,
  lastStrikeMs: ({ timeoutMs }) => timeoutMs ?? 0,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: ({ kind }) => kind,
  verdict: ({ timeoutMs }) => `the closing handshake was not finished within ${timeoutMs} ms`,
  needs: ({ timeoutMs, clock }) => [{ what: 'closing-handshake', timeoutMs, clock }],
  linuxOnly: () => undefined,
};
