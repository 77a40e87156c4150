/** A grpc-go client, whose keepalive is off until Time is set, and which pings only while a call is open. */
import { definePreset } from '../definition.ts';
import { count, flag, IDLE_MS, time, timeOrOff } from '../options.ts';
import { SYSTEM_KEEPALIVE, type Runtime } from '../runtimes/runtime.ts';

/** internal.NetDialerWithTCPKeepalive: Go's own times off, SO_KEEPALIVE on. */
const dialler: Runtime = {
  name: "grpc-go's dialler",
  sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s) instead of Go's 15 s",
  source: 'grpc/grpc-go@4793ad047, internal/tcp_keepalive_unix.go, since 1.60',
  mechanisms: [SYSTEM_KEEPALIVE],
};

export const grpcGoClient = definePreset({
  name: 'grpc-go-client',
  aliases: ['grpc-client'],
  tags: ['client'],
  title: 'grpc-go client: Time infinite, Timeout 20 s',
  claim: 'gRPC has keepalive, so a dead server is noticed.',
  truth:
    "Not by a client as it comes: Time is infinite, and with it TCP_USER_TIMEOUT stays off, so a call hangs until tcp_retries2, some 16 min, and a quiet stream for the system's keepalive, two hours and 11 min. With Time = 10 s, its minimum, a ghost stands 20 s to 30 s, and a server with MinTime 5 min answers too_many_pings.",
  source:
    'grpc/grpc-go@4793ad047, internal/transport/http2_client.go, clientconn.go; grpc/grpc-go#7542; gRFC A8, A18',
  assumes: [
    'grpc-go 1.60 or later with its own dialler; a dialler of Go itself sets 15 s, 9 × 15 s',
    'a call is open (activeStreams); without one, and without PermitWithoutStream, no ping is sent, and the channel goes idle after IdleTimeout',
  ],
  runtime: dialler,
  notModelled: [
    'after a GOAWAY with too_many_pings the client doubles its Time',
    'calls that come and go: with activeStreams = 0 the pings stop for good',
  ],
  options: {
    Time: timeOrOff('off', 'Silence before a ping; 10 s at least.', {
      bare: 's',
      minMs: 10_000,
      plausibleMs: IDLE_MS,
    }),
    Timeout: time('20s', 'Patience for any byte, and TCP_USER_TIMEOUT.', { bare: 's' }),
    PermitWithoutStream: flag(false, 'Whether it pings while no call is open.'),
    activeStreams: count(1, 'Calls that are open.', { min: 0, max: 1_000_000 }),
    IdleTimeout: timeOrOff('30m', 'A channel without a call is closed after so long.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: ({ Time, Timeout, PermitWithoutStream, activeStreams, IdleTimeout }) => [
    ...(Time === null || (activeStreams === 0 && !PermitWithoutStream)
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: Time,
            after: 'last-received',
            replyTimeoutMs: Timeout,
            replyClock: 'enqueued',
            life: ['any-byte'],
          } as const,
        ]),
    // Set when Time is finite, whether a ping will ever be sent or not.
    ...(Time === null ? [] : [{ kind: 'user-timeout', timeoutMs: Timeout } as const]),
    ...(IdleTimeout === null || activeStreams > 0
      ? []
      : [{ kind: 'idle', timeoutMs: IdleTimeout } as const]),
  ],
});
