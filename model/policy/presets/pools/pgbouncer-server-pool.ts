/** PgBouncer towards the database: how long an unused connection is kept. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from '../kernel/keepalive-options.ts';
import { time } from '../options.ts';

export const pgBouncerServerPool = definePreset({
  name: 'pgbouncer-server-pool',
  tags: ['pool'],
  title: 'PgBouncer, database side: server_idle_timeout 10 min, server_lifetime 1 h',
  claim: 'Dead connections leave the pool after server_idle_timeout.',
  truth:
    'The unused ones, alive or not. One that a middlebox has forgotten earlier is handed out all the same, and its first query hangs.',
  source: 'pgbouncer/pgbouncer@13a344f2, doc/config.md',
  options: {
    ...keepaliveOptions('tcp_keepidle', 'tcp_keepintvl', 'tcp_keepcnt'),
    server_idle_timeout: time('600s', 'Unused for so long: closed.', { bare: 's' }),
    server_lifetime: time('3600s', 'Closed at this age when unused.', { bare: 's' }),
  },
  mechanisms: (set) => [
    keepaliveOf(set.tcp_keepidle, set.tcp_keepintvl, set.tcp_keepcnt),
    { kind: 'idle', timeoutMs: set.server_idle_timeout, verdict: 'destroy' },
    { kind: 'age', maxMs: set.server_lifetime, verdict: 'destroy' },
  ],
});
