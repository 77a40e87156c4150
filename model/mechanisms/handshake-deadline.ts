/**
 * A limit on how long a peer may take from connect to a finished opening handshake: a timer of the endpoint's own, which
 * ends with the opening.
 */
import { duration, variant, type Canonical } from '../schema/words.ts';
import { granularity, lost, verdict } from './fields.ts';
import { coarseTimer, tickMs } from './granularity.ts';
import type { MechanismKind } from './kind.ts';

const schema = variant(
  'handshake-deadline',
  'A limit on the time to a finished opening handshake.',
  {
    timeoutMs: duration('From connect to a finished opening handshake.'),
    granularity,
    verdict,
    lost,
  },
);

/** A limit on how long a peer may take from connect to a finished opening handshake. */
export interface HandshakeDeadlineMechanism extends Canonical<typeof schema> {}

export const handshakeDeadline: MechanismKind<typeof schema> = {
  schema,
  carrier: 'handshake',
  ends: 'the-dead',
  // Without its own time limit a handshake does not get the usual one, but none.
  showsWhenLost: true,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: () => 0,
  lastStrikeMs: (one) => one.timeoutMs + tickMs(one),
  waitingFor: (one) => one,
  cycles: coarseTimer,
  brief: () => 'handshake deadline: opening handshake not finished in time',
  verdict: ({ timeoutMs }) => `the opening handshake was not finished within ${timeoutMs} ms`,
  needs: () => [{ what: 'opening-handshake' }],
  linuxOnly: () => undefined,
};
