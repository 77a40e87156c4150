/** golang.org/x/net/http2: health checks that are off until ReadIdleTimeout is set. */
import { definePreset } from '../definition.ts';
import { PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { goKeepAliveOf, goKeepAliveOption, goNetByOption } from '../runtimes/go.ts';

export const goHttp2 = definePreset({
  name: 'go-http2',
  aliases: ['http2'],
  tags: ['server', 'requests', 'client'],
  title: 'Go http2: ReadIdleTimeout 0, PingTimeout 15 s',
  claim: 'PingTimeout finds a dead connection after 15 s.',
  truth:
    'Nothing pings until ReadIdleTimeout is set; with 30 s a ghost stands 15 s to 45 s. As it comes, an idle ghost is left to the TCP keepalive of Go, 15 + 9 × 15 = 150 s, and one with unacknowledged data to tcp_retries2.',
  source: 'golang/net@0ca694d2, http2/config.go, transport_common.go, server.go',
  assumes: [
    "Go's own listener or dialler (KeepAlive), on Go 1.23 or later",
    'the transport of golang.org/x/net/http2 or of net/http; a server has the same settings as http.HTTP2Config.SendPingTimeout',
  ],
  runtime: goNetByOption,
  notModelled: ['IdleConnTimeout of a client, 90 s without a request, and IdleTimeout of a server'],
  options: {
    ReadIdleTimeout: timeOrOff('off', 'Silence before a ping.', { bare: 's' }),
    PingTimeout: time('15s', 'Patience for any frame.', { bare: 's' }),
    WriteByteTimeout: timeOrOff('off', 'How long a write may be blocked.', {
      bare: 's',
      plausibleMs: PATIENCE_MS,
    }),
    KeepAlive: goKeepAliveOption('15s', 'listener or dialler'),
  },
  mechanisms: ({ ReadIdleTimeout, PingTimeout, WriteByteTimeout, KeepAlive }) => [
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
    ...goKeepAliveOf(KeepAlive),
  ],
});
