/**
 * A grpc-go server: a ping after silence, TCP_USER_TIMEOUT of the same patience, strikes against clients that
 * ping too often, and limits on idleness and age.
 */
import { definePreset } from '../definition.ts';
import { count, flag, time, timeOrOff } from '../options.ts';

/** http2_server.go: with no active stream, unless PermitWithoutStream, a ping is due only every so often. */
const WITHOUT_STREAM_MS = 2 * 3_600_000;
/** http2_server.go: maxPingStrikes. */
const MAX_STRIKES = 2;
/** keepalive.go: MaxConnectionAge is spread by a random ±10 %. */
const AGE_JITTER_PERCENT = 10;

export const grpcGoServer = definePreset({
  name: 'grpc-go-server',
  aliases: ['grpc', 'grpc-go'],
  tags: ['server'],
  title: 'grpc-go server: Time 2 h, Timeout 20 s, MinTime 5 min',
  claim: 'Keepalive is on: Time 2 h, Timeout 20 s.',
  truth:
    'An idle ghost stands 20 s to 2 h 20 s; a busy one about 20 s, because a finite Time also sets TCP_USER_TIMEOUT. A client that pings sooner than MinTime gets two strikes, and too_many_pings with the third.',
  source:
    'grpc/grpc-go@4793ad047, internal/transport/http2_server.go, defaults.go; gRFC A8, A9, A18',
  options: {
    Time: timeOrOff('2h', 'Silence before a ping.', { bare: 's', minMs: 1_000 }),
    Timeout: time('20s', 'Patience for any byte, and TCP_USER_TIMEOUT.', { bare: 's' }),
    MaxConnectionIdle: timeOrOff('off', 'An idle connection is closed.', { bare: 's' }),
    MaxConnectionAge: timeOrOff('off', 'A connection is closed at this age, ±10 %.', { bare: 's' }),
    MaxConnectionAgeGrace: timeOrOff('off', 'What the client has to leave.', { bare: 's' }),
    MinTime: time('5m', 'A ping sooner than this after the one before is a strike.', { bare: 's' }),
    PermitWithoutStream: flag(false, 'Whether pings without an active stream are held to MinTime.'),
    activeStreams: count(1, 'Calls that the client has open.', { min: 0, max: 1_000_000 }),
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
  ],
});
