/** How long the closing handshake may take, once this side has begun it; then the descriptor is closed (RFC 6455 §7.1.1). */
import type { MechanismKind } from './kind.ts';

export const closeHandshake: MechanismKind<'close-handshake'> = {
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
