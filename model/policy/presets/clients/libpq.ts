/** libpq, under psql, psycopg and most drivers of PostgreSQL that are not written in Java, Go or JavaScript. */
import { definePreset } from '../definition.ts';
import { keepaliveOf, keepaliveOptions } from '../kernel/keepalive-options.ts';
import { flag, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const libpq = definePreset({
  name: 'libpq',
  aliases: ['psycopg', 'psql'],
  tags: ['client'],
  title: "libpq: keepalives 1 with the system's times, tcp_user_timeout 0",
  claim: 'keepalives=1 is the default, so a query notices a dead server.',
  truth:
    'Keepalive says nothing while the query is unacknowledged: tcp_retries2 does, some 16 min, unless tcp_user_timeout is set. An idle connection has 7200 + 9 × 75 s. A query that the server has acknowledged is awaited like an idle connection.',
  source:
    'postgresql.org/docs, libpq-connect (keepalives, tcp_user_timeout); src/interfaces/libpq/fe-connect.c',
  assumes: ['Linux, over TCP; the three times are 0, which leaves those of the system'],
  runtime: cPlain,
  notModelled: ['connect_timeout, and what the application does with a query of its own patience'],
  options: {
    keepalives: flag(true, 'SO_KEEPALIVE.'),
    ...keepaliveOptions('keepalives_idle', 'keepalives_interval', 'keepalives_count'),
    tcp_user_timeout: timeOrOff('off', 'TCP_USER_TIMEOUT.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    ...(set.keepalives
      ? [keepaliveOf(set.keepalives_idle, set.keepalives_interval, set.keepalives_count)]
      : []),
    ...(set.tcp_user_timeout === null
      ? []
      : [{ kind: 'user-timeout', timeoutMs: set.tcp_user_timeout } as const]),
  ],
});
