/** Drivers of PostgreSQL and MySQL: that of the JVM, asyncpg's pool, and that of Go. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { AGE_MS, flag, IDLE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { goNetDefaults } from '../runtimes/go.ts';
import { jvm, pythonAsyncio } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';

const patient = { bare: 's', plausibleMs: PATIENCE_MS } as const;
const idle = { bare: 's', plausibleMs: IDLE_MS } as const;

const pgJdbc = definePreset({
  name: 'pgjdbc',
  aliases: ['postgresql-jdbc'],
  tags: ['client'],
  title: 'pgjdbc: tcpKeepAlive false, socketTimeout 0',
  claim: 'A query on a dead connection fails with a timeout.',
  truth:
    'After tcp_retries2, some 16 min: socketTimeout is 0. One that the server has acknowledged, and an idle connection, wait for ever, since tcpKeepAlive is false; true has the two hours of the system.',
  source:
    'pgjdbc/pgjdbc@3a699d57d, pgjdbc/src/main/java/org/postgresql/PGProperty.java (SOCKET_TIMEOUT, TCP_KEEP_ALIVE), core/PGStream.java',
  assumes: ['a query whose statement has no setQueryTimeout'],
  runtime: jvm,
  notModelled: ['loginTimeout and connectTimeout, which end with the login'],
  options: {
    tcpKeepAlive: flag(false, "SO_KEEPALIVE with the system's times."),
    socketTimeout: timeOrOff('off', 'Patience for the next byte of an answer.', patient),
  },
  mechanisms: (set) => [
    ...(set.tcpKeepAlive ? [SYSTEM_KEEPALIVE] : []),
    ...given(set.socketTimeout, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
  ],
});

const asyncpgPool = definePreset({
  name: 'asyncpg-pool',
  aliases: ['asyncpg'],
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: 'asyncpg, pool: max_inactive_connection_lifetime 300 s, command_timeout none',
  claim: 'The pool tests a connection before it lends it.',
  truth:
    'It closes what has rested for 300 s and tests nothing. A query on a connection that died sooner hangs until tcp_retries2, some 16 min, since command_timeout is not set; behind a NAT of 240 s that is every one that rested for four to five minutes.',
  source:
    'MagicStack/asyncpg@db8ecc2, asyncpg/pool.py (create_pool), asyncpg/connection.py (connect)',
  assumes: ['create_pool with nothing set'],
  runtime: pythonAsyncio,
  notModelled: ['max_queries, 50,000, after which a connection is replaced'],
  options: {
    max_inactive_connection_lifetime: timeOrOff('300s', 'Unused for so long: closed.', idle),
    command_timeout: timeOrOff('off', 'Patience with a query.', patient),
  },
  mechanisms: (set) => [
    ...given(set.max_inactive_connection_lifetime, (timeoutMs) => ({
      kind: 'idle',
      timeoutMs,
      verdict: 'destroy',
    })),
    ...given(set.command_timeout, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
  ],
});

const goMySql = definePreset({
  name: 'go-sql-driver-mysql',
  aliases: ['go-mysql', 'gorm'],
  tags: ['pool'],
  orderlyEnd: 'harmless',
  title: "go-sql-driver/mysql on database/sql: Go's keepalive, no timeouts, checkConnLiveness",
  claim: 'checkConnLiveness finds a dead connection before it is used.',
  truth:
    "It sees a FIN or a reset that has arrived, not silence: a query on a connection that a NAT has forgotten hangs until tcp_retries2, some 16 min, since readTimeout is 0. Go's keepalive finds an idle one after 150 s, and keeps the NAT awake.",
  source:
    'go-sql-driver/mysql@416cd99, connector.go, conncheck.go, connection.go (ResetSession), README.md (readTimeout)',
  assumes: ['Go 1.23 or later; SetConnMaxLifetime and SetConnMaxIdleTime are not called'],
  runtime: goNetDefaults,
  notModelled: ['both are looked at once a second at most, and when a connection is taken'],
  options: {
    readTimeout: timeOrOff('off', 'Patience for the next byte.', patient),
    writeTimeout: timeOrOff('off', 'How long a write may be blocked.', patient),
    ConnMaxLifetime: timeOrOff('off', 'A connection is closed at this age.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
    ConnMaxIdleTime: timeOrOff('off', 'Unused for so long: closed.', idle),
  },
  mechanisms: (set) => [
    ...given(set.readTimeout, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
    ...given(set.writeTimeout, (timeoutMs) => ({ kind: 'write-deadline', timeoutMs })),
    ...given(set.ConnMaxLifetime, (maxMs) => ({ kind: 'age', maxMs, verdict: 'destroy' })),
    ...given(set.ConnMaxIdleTime, (timeoutMs) => ({ kind: 'idle', timeoutMs, verdict: 'destroy' })),
  ],
});

export const sqlDriverPresets: readonly Preset[] = [pgJdbc, asyncpgPool, goMySql];
