/** SO_KEEPALIVE with its three TCP options (tcp(7)): the kernel asks a quiet peer, and gives up on one that does not answer. */
import type { MechanismKind } from './kind.ts';

export const keepalive: MechanismKind<'keepalive'> = {
  carrier: 'kernel',
  ends: 'the-dead',
  onlyOnce: true,
  showsWhenLost: false,
  signs: () => [],
  asks: ({ idleMs }) => ({ everyMs: idleMs, answeredBy: 'kernel' }),
  endsTheQuiet: () => false,
  patienceMs: ({ intervalMs }) => intervalMs,
  lastStrikeMs: ({ idleMs, intervalMs, probes }) => idleMs + (probes + 1) * intervalMs,
  waitingFor: (one) => one,
  // It asks after its idle time, and looks again an interval later: where that is longer, the
  // connection has been idle for long enough by then (tcp_keepalive_timer).
  cycles: ({ idleMs, intervalMs }) => [
    {
      everyMs: Math.max(idleMs, intervalMs),
      clock: 'connection',
      what: 'keepalive',
      speaks: true,
      afterQuietMs: idleMs,
    },
  ],
  brief: ({ kind }) => kind,
  verdict: ({ probes }) => `the kernel gave up after ${probes} keepalive probes`,
  needs: () => [{ what: 'keepalive' }],
  linuxOnly: () => undefined,
  socketOptions: ({ idleMs, intervalMs, probes }) => ({
    keepalive: { idleS: idleMs / 1_000, intervalS: intervalMs / 1_000, probes },
  }),
};
