/** golang.org/x/net/http2: health checks that are off until ReadIdleTimeout is set. */
import { definePreset } from '../definition.ts';
import { time, timeOrOff } from '../options.ts';

export const goHttp2 = definePreset({
  name: 'go-http2',
  aliases: ['http2'],
  tags: ['server', 'client'],
  title: 'Go http2: ReadIdleTimeout 0, PingTimeout 15 s',
  claim: 'PingTimeout finds a dead connection after 15 s.',
  truth:
    'Nothing pings until ReadIdleTimeout is set; with 30 s a ghost stands 15 s to 45 s. As it comes, only unacknowledged data ends it, at tcp_retries2.',
  source: 'golang/net@0ca694d2, http2/config.go, transport_common.go, server.go',
  options: {
    ReadIdleTimeout: timeOrOff('off', 'Silence before a ping.', { bare: 's' }),
    PingTimeout: time('15s', 'Patience for any frame.', { bare: 's' }),
    WriteByteTimeout: timeOrOff('off', 'How long a write may be blocked.', { bare: 's' }),
  },
  mechanisms: ({ ReadIdleTimeout, PingTimeout, WriteByteTimeout }) => [
    ...(ReadIdleTimeout === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: ReadIdleTimeout,
            after: 'last-received',
            replyTimeoutMs: PingTimeout,
            replyClock: 'enqueued',
            life: ['any-byte'],
          } as const,
        ]),
    ...(WriteByteTimeout === null
      ? []
      : [{ kind: 'write-deadline', timeoutMs: WriteByteTimeout } as const]),
  ],
});
