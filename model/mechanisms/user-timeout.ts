/** TCP_USER_TIMEOUT (tcp(7)): the kernel gives a connection up whose data stays unacknowledged for so long. */
import { duration, variant, type Canonical } from '../schema/words.ts';
import { lost } from './fields.ts';
import type { MechanismKind } from './kind.ts';

/** TCP_USER_TIMEOUT is an int of milliseconds (do_tcp_setsockopt refuses negative ones). */
const MAX_USER_TIMEOUT_MS = 2 ** 31 - 1;

const schema = variant('user-timeout', 'TCP_USER_TIMEOUT (tcp(7)).', {
  /** How long sent data may stay unacknowledged, 1 ms … 2^31 − 1 ms. */
  timeoutMs: duration('TCP_USER_TIMEOUT: how long sent data may stay unacknowledged.', {
    maxMs: MAX_USER_TIMEOUT_MS,
  }),
  lost,
});

/** TCP_USER_TIMEOUT (tcp(7)). */
export interface UserTimeoutMechanism extends Canonical<typeof schema> {}

export const userTimeout: MechanismKind<typeof schema> = {
  schema,
  carrier: 'kernel',
  ends: 'the-dead',
  onlyOnce: true,
  showsWhenLost: false,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: ({ timeoutMs }) => timeoutMs,
  lastStrikeMs: ({ timeoutMs }) => timeoutMs,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: ({ kind }) => kind,
  verdict: ({ timeoutMs }) => `what was sent stayed unacknowledged for ${timeoutMs} ms`,
  needs: () => [{ what: 'user-timeout' }],
  linuxOnly: () => 'TCP_USER_TIMEOUT is an option of Linux',
  socketOptions: ({ timeoutMs }) => ({ userTimeoutMs: timeoutMs }),
};
