/** MySQL, MongoDB and Kafka as servers. */
import { definePreset, fixedPreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { keepaliveOf } from '../kernel/keepalive-options.ts';
import { IDLE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { cPlain, jvm } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';

const mysqlServer = definePreset({
  name: 'mysql-server',
  aliases: ['mysql', 'mariadb'],
  tags: ['server', 'requests'],
  title: 'MySQL server: wait_timeout 8 h, net_write_timeout 60 s, SO_KEEPALIVE',
  claim: 'A connection whose client has gone is closed after wait_timeout, 8 h.',
  truth:
    "The system's keepalive is sooner, two hours and 11 min; a living client that says nothing for 8 h is closed, and its pool hands the application error 2006, server has gone away. A result that nobody reads is given up after net_write_timeout, 60 s without a block.",
  source:
    'mysql/mysql-server@008e09c2, sql/sql_connect.cc (check_connection, vio_keepalive); MySQL 8.0 Reference Manual, Server System Variables',
  assumes: ['not an interactive client, for which interactive_timeout holds, 8 h as well'],
  runtime: {
    ...cPlain,
    name: 'mysqld',
    sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s)",
    source: 'mysql/mysql-server@008e09c2, sql/sql_connect.cc (vio_keepalive)',
    mechanisms: [SYSTEM_KEEPALIVE],
  },
  notModelled: ['net_read_timeout, 30 s: the rest of a statement that has begun to arrive'],
  options: {
    wait_timeout: time('8h', 'Silence between two statements.', {
      bare: 's',
      minMs: 1_000,
      plausibleMs: IDLE_MS,
    }),
    net_write_timeout: time('60s', 'How long one block may wait to be sent.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: (set) => [
    { kind: 'idle', timeoutMs: set.wait_timeout, verdict: 'destroy' },
    { kind: 'write-deadline', timeoutMs: set.net_write_timeout },
  ],
});

const mongod = fixedPreset({
  name: 'mongod',
  aliases: ['mongo-server'],
  tags: ['server', 'requests'],
  title: 'MongoDB server: keepalive 300 s at most, 9 probes a second apart',
  claim: "Keepalive has the system's times, two hours.",
  truth:
    'It lowers them: TCP_KEEPIDLE to 300 s and TCP_KEEPINTVL to 1 s, and leaves the count: 309 s after the last segment. It closes no idle client, and one with unacknowledged data is left to tcp_retries2.',
  source:
    'mongodb/mongo@07b11864, src/mongo/util/net/socket_utils.cpp (setSocketKeepAliveParams), socket_utils.h (kMaxKeepIdleSecs 300, kMaxKeepIntvlSecs 1)',
  assumes: [
    'Linux; tcp_keepalive_time and tcp_keepalive_intvl are no lower than these, and tcp_keepalive_probes is 9',
  ],
  runtime: cPlain,
  mechanisms: [keepaliveOf(300_000, 1_000, 9)],
});

const kafkaBroker = definePreset({
  name: 'kafka-broker',
  aliases: ['kafka'],
  tags: ['server', 'requests'],
  title: 'Kafka broker: connections.max.idle.ms 10 min, SO_KEEPALIVE',
  claim: 'A client that has gone is noticed by its session timeout.',
  truth:
    'That takes it out of its group and leaves the connection. The connection is closed after 10 min in which no byte moved on it, alive or not: a producer that rests for so long finds it closed.',
  source:
    'apache/kafka@1eb7644349c, server/src/main/java/org/apache/kafka/network/SocketServerConfigs.java, core/src/main/scala/kafka/network/SocketServer.scala, clients/src/main/java/org/apache/kafka/common/network/Selector.java (IdleExpiryManager)',
  assumes: ['one connection is closed at each poll: the oldest'],
  runtime: {
    ...jvm,
    sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s)",
    source: 'apache/kafka@1eb7644349c, core/src/main/scala/kafka/network/SocketServer.scala',
    mechanisms: [SYSTEM_KEEPALIVE],
  },
  options: {
    'connections.max.idle.ms': timeOrOff('600s', 'Unused for so long: closed.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) =>
    given(set['connections.max.idle.ms'], (timeoutMs) => ({
      kind: 'idle',
      timeoutMs,
      verdict: 'destroy',
    })),
});

export const databasePresets: readonly Preset[] = [mysqlServer, mongod, kafkaBroker];
