/** SO_KEEPALIVE with its three TCP options (tcp(7)): the kernel asks a quiet peer, and gives up on one that does not answer. */
import { duration, integer, variant, type Canonical } from '../schema/words.ts';
import { lost } from './fields.ts';
import type { MechanismKind } from './kind.ts';

/** TCP_KEEPIDLE and TCP_KEEPINTVL: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL of include/net/tcp.h, seconds. */
const MAX_KEEPALIVE_S = 32_767;
/** TCP_KEEPCNT: MAX_TCP_KEEPCNT of include/net/tcp.h. */
const MAX_KEEPALIVE_PROBES = 127;

const seconds = {
  minMs: 1_000,
  maxMs: MAX_KEEPALIVE_S * 1_000,
  multipleOfMs: 1_000,
};

const schema = variant('keepalive', 'SO_KEEPALIVE with its three options (tcp(7)).', {
  idleMs: duration('TCP_KEEPIDLE: silence before the first probe; whole seconds.', seconds),
  intervalMs: duration('TCP_KEEPINTVL: time between probes; whole seconds.', seconds),
  probes: integer('TCP_KEEPCNT: unanswered probes before the end.', 1, MAX_KEEPALIVE_PROBES),
  lost,
});

/** SO_KEEPALIVE with its three TCP options (tcp(7)). Linux takes whole seconds. */
export interface KeepaliveMechanism extends Canonical<typeof schema> {}

export const keepalive: MechanismKind<typeof schema> = {
  schema,
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
