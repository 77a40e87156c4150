/** gRPC of Java and of Rust on both sides, and etcd, which is gRPC of Go with a listener of its own. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { wholeSeconds } from '../kernel/keepalive-options.ts';
import { AGE_MS, count, flag, IDLE_MS, time, timeOrOff } from '../options.ts';
import { goKeepAliveOf, goNetByOption } from '../runtimes/go.ts';
import { jvm, rust } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE, type Runtime } from '../runtimes/runtime.ts';

const idle = { bare: 's', plausibleMs: IDLE_MS } as const;
const calls = count(1, 'Calls that are open.', { min: 0, max: 1_000_000 });
/** KeepAliveEnforcer.java: MAX_PING_STRIKES, IMPLICIT_PERMIT_TIME_NANOS; the same of gRPC for Go. */
const MAX_STRIKES = 2;
const WITHOUT_CALL_MS = 2 * 3_600_000;

/** KeepAliveManager.java: a ping after silence, and any byte is its answer. */
const javaPing = (intervalMs: number, replyTimeoutMs: number) =>
  ({
    kind: 'ping',
    intervalMs,
    after: 'last-received',
    replyTimeoutMs,
    replyClock: 'enqueued',
    life: ['any-byte'],
  }) as const;

/** hyper, src/proto/h2/ping.rs: frames put the ping off, and only its acknowledgement answers it. */
const hyperPing = (intervalMs: number, replyTimeoutMs: number) =>
  ({ ...javaPing(intervalMs, replyTimeoutMs), life: ['matching-pong'] }) as const;

const netty = (where: string): Runtime => ({
  ...jvm,
  name: "Netty as gRPC's Java sets it up",
  sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s)",
  source: `grpc/grpc-java@5fda0c7c35, netty/src/main/java/io/grpc/netty/${where}`,
  mechanisms: [SYSTEM_KEEPALIVE],
});

const grpcJavaServer = definePreset({
  name: 'grpc-java-server',
  aliases: ['grpc-java'],
  tags: ['server', 'requests'],
  title:
    'gRPC for Java, server: keepAliveTime 2 h, keepAliveTimeout 20 s, permitKeepAliveTime 5 min',
  claim: 'A dead client is found after 20 s.',
  truth:
    'After 20 s to two hours and 20 s: unlike that of Go it sets no TCP_USER_TIMEOUT, and its keepalive has the times of the system. A busy ghost is left to tcp_retries2 or that ping. A client that pings sooner than 5 min gets too_many_pings with the third.',
  source:
    'grpc/grpc-java@5fda0c7c35, netty/src/main/java/io/grpc/netty/NettyServerBuilder.java, NettyServer.java, core/src/main/java/io/grpc/internal/KeepAliveManager.java, KeepAliveEnforcer.java',
  assumes: ['grpc-netty; a call is open (activeCalls), else pings are permitted every two hours'],
  runtime: netty('NettyServer.java'),
  options: {
    keepAliveTime: timeOrOff('2h', 'Silence before a ping.', idle),
    keepAliveTimeout: time('20s', 'Patience for any byte.', { bare: 's' }),
    permitKeepAliveTime: time(
      '5m',
      'A ping sooner than this after the one before is a strike.',
      idle,
    ),
    permitKeepAliveWithoutCalls: flag(false, 'Whether that holds without an open call, too.'),
    activeCalls: calls,
    maxConnectionIdle: timeOrOff('off', 'A connection without a call is closed.', idle),
    maxConnectionAge: timeOrOff('off', 'A connection is closed at this age, ±10 %.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
  },
  mechanisms: (set) => [
    ...given(set.keepAliveTime, (ms) => javaPing(ms, set.keepAliveTimeout)),
    {
      kind: 'ping-strikes',
      minIntervalMs:
        set.activeCalls > 0 || set.permitKeepAliveWithoutCalls
          ? set.permitKeepAliveTime
          : WITHOUT_CALL_MS,
      maxStrikes: MAX_STRIKES,
    },
    ...given(set.maxConnectionIdle, (timeoutMs) => ({ kind: 'idle', timeoutMs })),
    ...given(set.maxConnectionAge, (maxMs) => ({ kind: 'age', maxMs, jitterPercent: 10 })),
  ],
});

const grpcJavaClient = definePreset({
  name: 'grpc-java-client',
  tags: ['client'],
  title: 'gRPC for Java, client: keepAliveTime off, keepAliveTimeout 20 s',
  claim: 'gRPC has keepalive, so a dead server is noticed.',
  truth:
    "Off as it comes: a call hangs until tcp_retries2, some 16 min, and a quiet stream for the system's keepalive, two hours and 11 min. With keepAliveTime = 30 s a ghost stands 20 s to 50 s while a call is open; on epoll TCP_USER_TIMEOUT is then 20 s.",
  source:
    'grpc/grpc-java@5fda0c7c35, netty/src/main/java/io/grpc/netty/NettyChannelBuilder.java, NettyClientTransport.java, core/src/main/java/io/grpc/internal/KeepAliveManager.java',
  assumes: [
    'grpc-netty on Linux with epoll; keepAliveTime is 10 s at least',
    'a call is open (activeCalls); without one, and without keepAliveWithoutCalls, no ping is sent',
  ],
  runtime: netty('NettyClientTransport.java'),
  notModelled: [
    'idleTimeout, 30 min: a channel without a call gives its connection up',
    'calls that come and go: with activeCalls = 0 the pings stop for good',
  ],
  options: {
    keepAliveTime: timeOrOff('off', 'Silence before a ping; 10 s at least.', {
      ...idle,
      minMs: 10_000,
    }),
    keepAliveTimeout: time('20s', 'Patience for any byte, and TCP_USER_TIMEOUT.', { bare: 's' }),
    keepAliveWithoutCalls: flag(false, 'Whether it pings while no call is open.'),
    activeCalls: calls,
  },
  mechanisms: (set) => [
    ...(set.activeCalls === 0 && !set.keepAliveWithoutCalls
      ? []
      : given(set.keepAliveTime, (ms) => javaPing(ms, set.keepAliveTimeout))),
    // Set where keepAliveTime is, whether a ping will ever be sent or not.
    ...given(set.keepAliveTime, () => ({ kind: 'user-timeout', timeoutMs: set.keepAliveTimeout })),
  ],
});

const keepaliveOffRust = timeOrOff(
  'off',
  "TCP_KEEPIDLE; the system's 9 probes, 75 s apart, follow.",
  wholeSeconds,
);
const rustKeepalive = (idleMs: number) => ({ ...SYSTEM_KEEPALIVE, idleMs });

const tonicServer = definePreset({
  name: 'tonic-server',
  aliases: ['tonic'],
  tags: ['server', 'requests'],
  title: 'tonic, server: http2_keepalive_interval off, its timeout 20 s',
  claim: "gRPC's keepalive of two hours finds a dead client.",
  truth:
    'That is of Go and Java. Here nothing pings and no socket option is set: an idle ghost stands for ever, a busy one until tcp_retries2, some 16 min. With an interval of 30 s it stands 20 s to 50 s. It counts no strikes.',
  source:
    'hyperium/tonic@a55efae7, tonic/src/transport/server/mod.rs, incoming.rs; hyperium/hyper@8fcaf1a6, src/proto/h2/ping.rs',
  assumes: ['the transport of tonic itself'],
  runtime: rust,
  notModelled: ['max_connection_age_grace: what is left then is cut'],
  options: {
    http2_keepalive_interval: timeOrOff('off', 'Silence before a ping.', idle),
    http2_keepalive_timeout: time('20s', 'Patience for its acknowledgement.', { bare: 's' }),
    tcp_keepalive: keepaliveOffRust,
    max_connection_age: timeOrOff('off', 'A connection is closed at this age.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
  },
  mechanisms: (set) => [
    ...given(set.http2_keepalive_interval, (ms) => hyperPing(ms, set.http2_keepalive_timeout)),
    ...given(set.tcp_keepalive, rustKeepalive),
    ...given(set.max_connection_age, (maxMs) => ({ kind: 'age', maxMs })),
  ],
});

const tonicClient = definePreset({
  name: 'tonic-client',
  tags: ['client'],
  title: 'tonic, client: http2_keep_alive_interval off, its timeout 20 s',
  claim: 'A call whose server has gone fails.',
  truth:
    'After tcp_retries2, some 16 min; a quiet stream never, since neither a ping nor a socket option is set. With an interval of 30 s a ghost stands 20 s to 50 s while a call is open.',
  source:
    'hyperium/tonic@a55efae7, tonic/src/transport/channel/endpoint.rs; hyperium/hyper@8fcaf1a6, src/proto/h2/client.rs (keep_alive_timeout, keep_alive_while_idle), ping.rs',
  assumes: [
    'a call is open (activeCalls); without one, and without keep_alive_while_idle, no ping is sent',
  ],
  runtime: rust,
  options: {
    http2_keep_alive_interval: timeOrOff('off', 'Silence before a ping.', idle),
    keep_alive_timeout: time('20s', 'Patience for its acknowledgement.', { bare: 's' }),
    keep_alive_while_idle: flag(false, 'Whether it pings while no call is open.'),
    activeCalls: calls,
    tcp_keepalive: keepaliveOffRust,
  },
  mechanisms: (set) => [
    ...(set.activeCalls === 0 && !set.keep_alive_while_idle
      ? []
      : given(set.http2_keep_alive_interval, (ms) => hyperPing(ms, set.keep_alive_timeout))),
    ...given(set.tcp_keepalive, rustKeepalive),
  ],
});

const etcd = definePreset({
  name: 'etcd',
  tags: ['server', 'requests'],
  title: 'etcd: grpc-keepalive-interval 2 h, timeout 20 s, min-time 5 s; keepalive 30 s',
  claim: 'Keepalive of 30 s and its probes find a dead client after 5 min, as its source says.',
  truth:
    'gRPC for Go sets TCP_USER_TIMEOUT to the timeout, 20 s, which replaces the count of probes: the first check past it, 15 s after the first probe, ends it, 45 s after the last segment; one lost probe of a living client does as well. Clients may ping every 5 s, not every 5 min.',
  source:
    'etcd-io/etcd@c34dc7ee0, server/embed/config.go, server/embed/etcd.go, client/pkg/transport/keepalive_listener.go; grpc/grpc-go@4793ad047, internal/transport/http2_server.go',
  assumes: ['Linux, Go 1.23 or later, where the probes are 15 s apart; a watch or a lease is open'],
  runtime: goNetByOption,
  options: {
    'grpc-keepalive-interval': timeOrOff('2h', 'Silence before a ping.', idle),
    'grpc-keepalive-timeout': time('20s', 'Patience for any byte, and TCP_USER_TIMEOUT.', {
      bare: 's',
    }),
    'grpc-keepalive-min-time': time('5s', 'A ping sooner than this is a strike.', { bare: 's' }),
  },
  mechanisms: (set) => [
    ...given(set['grpc-keepalive-interval'], (ms) => javaPing(ms, set['grpc-keepalive-timeout'])),
    ...given(set['grpc-keepalive-interval'], () => ({
      kind: 'user-timeout',
      timeoutMs: set['grpc-keepalive-timeout'],
    })),
    {
      kind: 'ping-strikes',
      minIntervalMs: set['grpc-keepalive-min-time'],
      maxStrikes: MAX_STRIKES,
    },
    ...goKeepAliveOf(30_000),
  ],
});

export const grpcOtherPresets: readonly Preset[] = [
  grpcJavaServer,
  tonicServer,
  etcd,
  grpcJavaClient,
  tonicClient,
];
