/**
 * A grpc-go server on Go's listener: a ping after silence, TCP_USER_TIMEOUT of the same patience, Go's keepalive below,
 * strikes against clients that ping too often, and limits on idleness and age.
 */
import { definePreset } from '../definition.ts';
import { AGE_MS, count, flag, IDLE_MS, time, timeOrOff } from '../options.ts';
import { goKeepAliveOf, goKeepAliveOption, goNetByOption } from '../runtimes/go.ts';

/** http2_server.go: with no active stream, unless PermitWithoutStream, a ping is due only every so often. */
const WITHOUT_STREAM_MS = 2 * 3_600_000;
/** http2_server.go: maxPingStrikes. */
const MAX_STRIKES = 2;
/** keepalive.go: MaxConnectionAge is spread by a random ±10 %. */
const AGE_JITTER_PERCENT = 10;

export const grpcGoServer = definePreset({
  name: 'grpc-go-server',
  aliases: ['grpc', 'grpc-go'],
  tags: ['server', 'requests'],
  title: "grpc-go server: Time 2 h, Timeout 20 s, MinTime 5 min, on Go's listener",
  claim: 'Keepalive is on: Time 2 h, Timeout 20 s, so an idle ghost stands two hours.',
  truth:
    "30 s: Go's listener probes an idle connection every 15 s, and a finite Time sets TCP_USER_TIMEOUT = Timeout, 20 s, which replaces Go's 9 probes: the first check past 20 s, at 30 s, kills after one probe. So does one lost probe of a living client. A busy ghost stands about 20 s. A client that pings sooner than MinTime gets two strikes, and too_many_pings with the third.",
  source:
    'grpc/grpc-go@4793ad047, internal/transport/http2_server.go, defaults.go; grpc/grpc-go#6250; gRFC A8, A9, A18',
  assumes: [
    'Linux, where TCP_USER_TIMEOUT exists; Time is finite, else it is not set',
    "the listener is net.Listen's (ListenerKeepAlive), on Go 1.23 or later",
    'a call is open (activeStreams), so that the pings of its client are held to MinTime, not to two hours',
    'calls are short: MaxConnectionIdle runs from the last message',
  ],
  runtime: goNetByOption,
  notModelled: [
    'a call that stays open without a message stops MaxConnectionIdle: here such a connection is ended, there it is not',
  ],
  options: {
    Time: timeOrOff('2h', 'Silence before a ping.', {
      bare: 's',
      minMs: 1_000,
      plausibleMs: IDLE_MS,
    }),
    Timeout: time('20s', 'Patience for any byte, and TCP_USER_TIMEOUT.', { bare: 's' }),
    MaxConnectionIdle: timeOrOff('off', 'An idle connection is closed.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
    MaxConnectionAge: timeOrOff('off', 'A connection is closed at this age, ±10 %.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
    MaxConnectionAgeGrace: timeOrOff('off', 'What the client has to leave.', { bare: 's' }),
    MinTime: time('5m', 'A ping sooner than this after the one before is a strike.', { bare: 's' }),
    PermitWithoutStream: flag(false, 'Whether pings without an active stream are held to MinTime.'),
    activeStreams: count(1, 'Calls that the client has open.', { min: 0, max: 1_000_000 }),
    ListenerKeepAlive: goKeepAliveOption('15s', 'net.ListenConfig'),
  },
  mechanisms: (set) => [
    ...(set.Time === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: set.Time,
            after: 'last-received',
            replyTimeoutMs: set.Timeout,
            replyClock: 'enqueued',
            life: ['any-byte'],
          } as const,
          { kind: 'user-timeout', timeoutMs: set.Timeout } as const,
        ]),
    {
      kind: 'ping-strikes',
      minIntervalMs:
        set.activeStreams > 0 || set.PermitWithoutStream ? set.MinTime : WITHOUT_STREAM_MS,
      maxStrikes: MAX_STRIKES,
    },
    ...(set.MaxConnectionIdle === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.MaxConnectionIdle } as const]),
    ...(set.MaxConnectionAge === null
      ? []
      : [{ kind: 'age', maxMs: set.MaxConnectionAge, jitterPercent: AGE_JITTER_PERCENT } as const]),
    { kind: 'close-handshake', timeoutMs: set.MaxConnectionAgeGrace },
    ...goKeepAliveOf(set.ListenerKeepAlive),
  ],
});
