/** PgBouncer towards its clients: the system's keepalive. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from '../kernel/keepalive-options.ts';
import { IDLE_MS, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const pgBouncer = definePreset({
  name: 'pgbouncer',
  tags: ['pool'],
  title: "PgBouncer, clients: the system's keepalive, client_idle_timeout 0",
  claim: 'The pooler drops clients that are gone.',
  truth:
    'After 7200 + 9 × 75 s of silence, as the system has it, or at tcp_retries2 with results in flight; client_idle_timeout and tcp_user_timeout are off.',
  source: 'pgbouncer/pgbouncer@13a344f2, doc/config.md',
  assumes: ["Linux; tcp_keepalive = 1, the default, and its three times at 0, the system's"],
  runtime: cPlain,
  notModelled: [
    'client_idle_timeout is looked at by a maintenance tick, about three times a second',
  ],
  options: {
    ...keepaliveOptions('tcp_keepidle', 'tcp_keepintvl', 'tcp_keepcnt'),
    client_idle_timeout: timeOrOff('off', 'Silence of a client.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
    tcp_user_timeout: timeOrOff('off', 'TCP_USER_TIMEOUT.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    keepaliveOf(set.tcp_keepidle, set.tcp_keepintvl, set.tcp_keepcnt),
    ...(set.client_idle_timeout === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.client_idle_timeout, verdict: 'destroy' } as const]),
    ...(set.tcp_user_timeout === null
      ? []
      : [{ kind: 'user-timeout', timeoutMs: set.tcp_user_timeout } as const]),
  ],
});
