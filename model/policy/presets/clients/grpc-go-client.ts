/** A grpc-go client, whose keepalive is off until Time is set. */
import { definePreset } from '../definition.ts';
import { time, timeOrOff } from '../options.ts';

export const grpcGoClient = definePreset({
  name: 'grpc-go-client',
  aliases: ['grpc-client'],
  tags: ['client'],
  title: 'grpc-go client: Time infinite, Timeout 20 s',
  claim: 'gRPC has keepalive, so a dead server is noticed.',
  truth:
    'Not by a client as it comes: Time is infinite, and with it TCP_USER_TIMEOUT stays off, so a call hangs until tcp_retries2, some 16 min. With Time = 10 s, its minimum, a ghost stands 20 s to 30 s, and a server with MinTime 5 min answers too_many_pings.',
  source:
    'grpc/grpc-go@4793ad047, internal/transport/http2_client.go; grpc/grpc-go#7542; gRFC A8, A18',
  options: {
    Time: timeOrOff('off', 'Silence before a ping; 10 s at least.', { bare: 's', minMs: 10_000 }),
    Timeout: time('20s', 'Patience for any byte, and TCP_USER_TIMEOUT.', { bare: 's' }),
  },
  mechanisms: ({ Time, Timeout }) =>
    Time === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: Time,
            after: 'last-received',
            replyTimeoutMs: Timeout,
            replyClock: 'enqueued',
            life: ['any-byte'],
          },
          { kind: 'user-timeout', timeoutMs: Timeout },
        ],
});
