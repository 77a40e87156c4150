/** PostgreSQL leaves its connections to the system's keepalive. */
import { definePreset } from '../definition.ts';
import { keepaliveOptions, keepaliveOf } from '../kernel/keepalive-options.ts';
import { timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const postgresServer = definePreset({
  name: 'postgres-server',
  aliases: ['postgres', 'postgresql'],
  tags: ['server'],
  title: "PostgreSQL server: the system's keepalive, tcp_user_timeout 0",
  claim: 'The server notices when a client is gone.',
  truth:
    'After 7200 + 9 × 75 s of silence, or at tcp_retries2 while a result is on its way. client_connection_check_interval sees a closed socket, not a silent one.',
  source: 'postgresql.conf.sample; src/backend/libpq/pqcomm.c',
  assumes: [
    "Linux; tcp_keepalives_* = 0, the defaults, which leave the system's times; not a Unix socket",
  ],
  runtime: cPlain,
  notModelled: [
    'client_connection_check_interval, which looks for a closed socket while a query runs: it sees a FIN or a reset, no silence',
    'idle_session_timeout and idle_in_transaction_session_timeout, off by default',
  ],
  options: {
    ...keepaliveOptions('tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count'),
    tcp_user_timeout: timeOrOff('off', 'TCP_USER_TIMEOUT.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    keepaliveOf(set.tcp_keepalives_idle, set.tcp_keepalives_interval, set.tcp_keepalives_count),
    ...(set.tcp_user_timeout === null
      ? []
      : [{ kind: 'user-timeout', timeoutMs: set.tcp_user_timeout } as const]),
  ],
});
