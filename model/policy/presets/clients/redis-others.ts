/** Clients of Redis on the JVM, and the one that Redis makes for Node. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { keepaliveOf, wholeSeconds } from '../kernel/keepalive-options.ts';
import { count, flag, IDLE_MS, KEEPALIVE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';
import { jvm } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';

const lettuce = definePreset({
  name: 'lettuce',
  tags: ['client'],
  title: 'Lettuce: keepalive 13 s, 3 × 13 s; TCP_USER_TIMEOUT off',
  claim: 'A command that gets no answer within 60 s means a new connection.',
  truth:
    'The caller gets a timeout, and the connection stays: what ends it is the keepalive, 13 + 3 × 13 = 52 s, and behind an unacknowledged command tcp_retries2, some 16 min, unless tcpUserTimeout is enabled, 52 s as it comes. Before 7 keepAlive had the times of the system, two hours.',
  source:
    'redis/lettuce@b0bcdd814 (7.8), src/main/java/io/lettuce/core/SocketOptions.java, ConnectionBuilder.java, RedisURI.java',
  assumes: [
    'Lettuce 7 on Linux, where native transports or Java 11 set the three times; keepAlive(true) leaves those of the system',
  ],
  runtime: jvm,
  notModelled: ["the caller's patience: 60 s of a synchronous command, which ends no connection"],
  options: {
    keepAlive: flag(true, 'SO_KEEPALIVE.'),
    idle: time('13s', 'TCP_KEEPIDLE.', wholeSeconds),
    interval: time('13s', 'TCP_KEEPINTVL.', wholeSeconds),
    count: count(3, 'TCP_KEEPCNT.', { min: 1, max: 127 }),
    tcpUserTimeout: timeOrOff('off', 'TCP_USER_TIMEOUT; 52 s where it is enabled.', { bare: 's' }),
  },
  mechanisms: (set) => [
    ...(set.keepAlive ? [keepaliveOf(set.idle, set.interval, set.count)] : []),
    ...given(set.tcpUserTimeout, (timeoutMs) => ({ kind: 'user-timeout', timeoutMs })),
  ],
});

const jedis = definePreset({
  name: 'jedis',
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'Jedis: socketTimeout 2 s; its pool evicts after 60 s',
  claim: 'A command waits for Redis as long as Redis needs.',
  truth:
    'It waits 2 s for each read. What has rested for 60 s in the pool is evicted by a run every 30 s, so that a dead connection is gone after 60 s to 90 s, or costs its borrower 2 s.',
  source:
    'redis/jedis@9bcb5c602, src/main/java/redis/clients/jedis/DefaultJedisSocketFactory.java, ConnectionPoolConfig.java, Protocol.java',
  assumes: ['ConnectionPoolConfig or JedisPoolConfig, with minIdle 0, the default'],
  runtime: jvm,
  notModelled: [
    'testWhileIdle: each run also pings what rests in the pool',
    'a subscriber waits without a limit',
  ],
  options: {
    socketTimeoutMillis: timeOrOff('2s', 'Patience for a reply.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
    minEvictableIdleTime: timeOrOff('60s', 'Unused for so long: evicted.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    timeBetweenEvictionRuns: time('30s', 'How often the pool looks.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    SYSTEM_KEEPALIVE,
    // setSoLinger(true, 0): every close is a reset.
    ...given(set.socketTimeoutMillis, (timeoutMs) => ({
      kind: 'request-deadline',
      timeoutMs,
      verdict: 'reset',
    })),
    ...given(set.minEvictableIdleTime, (timeoutMs) => ({
      kind: 'idle',
      timeoutMs,
      granularity: { everyMs: set.timeBetweenEvictionRuns, direction: 'up', grid: 'process' },
      verdict: 'reset',
    })),
  ],
});

const nodeRedis = definePreset({
  name: 'node-redis',
  tags: ['client'],
  title: 'node-redis: keepAliveInitialDelay 30 s',
  claim: 'Keepalive after 30 s is followed by 11 min of probes (9 × 75 s).',
  truth:
    'Node probes 10 times, a second apart: 40 s after the last segment. A command on a dead connection gives up after commandTimeout, 5 s, and leaves the connection, which stands until tcp_retries2, some 16 min. Until version 6 the delay was 5 s.',
  source:
    'redis/node-redis@2a92b2e51a (6.2), packages/client/lib/client/socket.ts, lib/defaults.ts; docs/v5-to-v6.md; nodejs/node v20, libuv 1.46',
  assumes: ['Node 20; neither socketTimeout nor pingInterval is set, the default'],
  runtime: nodeNet,
  notModelled: ["commandTimeout, 5 s: the caller's patience, which ends no connection"],
  options: {
    keepAliveInitialDelay: timeOrOff(
      '30s',
      "TCP_KEEPIDLE in whole seconds; 10 probes a second apart follow. Off or below 1 s = the system's times.",
      { bare: 'ms', plausibleMs: KEEPALIVE_MS },
    ),
    socketTimeout: timeOrOff('off', 'Nothing sent or received for so long: closed.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: (set) => [
    nodeKeepAlive(set.keepAliveInitialDelay ?? 0),
    ...given(set.socketTimeout, (timeoutMs) => ({
      kind: 'receive-deadline',
      timeoutMs,
      life: ['any-byte', 'send-accepted', 'drained'],
    })),
  ],
});

export const redisClientPresets: readonly Preset[] = [lettuce, jedis, nodeRedis];
