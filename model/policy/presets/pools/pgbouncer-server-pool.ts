/** PgBouncer towards the database: how long an unused connection is kept, and the query that tests it. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from '../kernel/keepalive-options.ts';
import { AGE_MS, IDLE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const pgBouncerServerPool = definePreset({
  name: 'pgbouncer-server-pool',
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: 'PgBouncer, database side: server_idle_timeout 10 min, server_lifetime 1 h',
  claim: 'Dead connections leave the pool after server_idle_timeout.',
  truth:
    'The unused ones, alive or not. One that was unused for 30 s is tested before it is lent, and nothing limits the test: behind a middlebox that has forgotten it the client waits for query_wait_timeout, 120 s. One used more recently is lent untested, and its query hangs.',
  source: 'pgbouncer/pgbouncer@13a344f2, doc/config.md, src/janitor.c (launch_recheck)',
  assumes: [
    "Linux; tcp_keepalive = 1, the default, and its three times at 0, the system's",
    'server_check_query is the empty query, the default; min_pool_size = 0',
    'one connection is tested at a time, and the client that waits for it gets no other',
  ],
  runtime: cPlain,
  notModelled: [
    'the test that has failed its client goes on in the pool until the kernel ends it: here the entry is closed with the verdict',
    'server_lifetime and server_idle_timeout are looked at by a maintenance tick, about three times a second',
  ],
  options: {
    ...keepaliveOptions('tcp_keepidle', 'tcp_keepintvl', 'tcp_keepcnt'),
    tcp_user_timeout: timeOrOff('off', 'TCP_USER_TIMEOUT.', { bare: 'ms' }),
    server_idle_timeout: timeOrOff('600s', 'Unused for so long: closed.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
    server_lifetime: time('3600s', 'Closed at this age when unused.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
    server_check_delay: time('30s', 'Used so recently: not tested.', { bare: 's', minMs: 0 }),
    query_wait_timeout: timeOrOff('120s', 'Patience of a client that waits for a connection.', {
      bare: 's',
    }),
    query_timeout: timeOrOff('off', 'Patience with a query.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: (set) => [
    keepaliveOf(set.tcp_keepidle, set.tcp_keepintvl, set.tcp_keepcnt),
    ...(set.tcp_user_timeout === null
      ? []
      : [{ kind: 'user-timeout', timeoutMs: set.tcp_user_timeout } as const]),
    ...(set.query_wait_timeout === null
      ? []
      : [
          {
            kind: 'borrow-check',
            timeoutMs: set.query_wait_timeout,
            freshMs: set.server_check_delay,
          } as const,
        ]),
    ...(set.server_idle_timeout === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.server_idle_timeout, verdict: 'destroy' } as const]),
    { kind: 'age', maxMs: set.server_lifetime, verdict: 'destroy' },
    ...(set.query_timeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.query_timeout } as const]),
  ],
});
