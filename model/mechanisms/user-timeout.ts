/** TCP_USER_TIMEOUT (tcp(7)): the kernel gives a connection up whose data stays unacknowledged for so long. */
import type { MechanismKind } from './kind.ts';

export const userTimeout: MechanismKind<'user-timeout'> = {
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
