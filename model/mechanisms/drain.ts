/** How long a shutdown waits for its connections before the supervisor kills the process: a deadline of the whole server. */
import type { MechanismKind } from './kind.ts';

export const drain: MechanismKind<'drain'> = {
  carrier: 'supervisor',
  ends: 'in-order',
  onlyOnce: true,
  // Whether it shows at all hangs on the story: only a stop of the server meets it.
  showsWhenLost: false,
  signs: () => [],
  asks: () => null,
  endsTheQuiet: () => false,
  patienceMs: () => 0,
  lastStrikeMs: ({ deadlineMs }) => deadlineMs ?? 0,
  waitingFor: (one) => one,
  cycles: () => [],
  brief: ({ kind }) => kind,
  verdict: ({ deadlineMs }) => `the server stopped ${deadlineMs} ms after it was told to`,
  needs: ({ deadlineMs }) => [{ what: 'shutdown', deadlineMs }],
  linuxOnly: () => undefined,
};
