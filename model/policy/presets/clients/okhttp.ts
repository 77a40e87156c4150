/** OkHttp's WebSocket: a ping every interval, and the end where the ping before it is still unanswered. */
import { definePreset } from '../definition.ts';
import { PATIENCE_MS, timeOrOff } from '../options.ts';
import { jvm } from '../runtimes/others.ts';

export const okHttp = definePreset({
  name: 'okhttp-websocket',
  aliases: ['okhttp'],
  tags: ['client'],
  title: 'OkHttp WebSocket: no pings until pingInterval is set',
  claim: 'readTimeout, 10 s, finds a server that has gone.',
  truth:
    'readTimeout does not wait for a new frame, and pings are off: an idle ghost stands for ever, one that is sent a little until tcp_retries2, some 16 min, one whose buffers are full writeTimeout longer, 10 s. With pingInterval the next ping fails the connection where the one before is unanswered: one to two intervals. Before 3.10 nobody looked at the pongs.',
  source:
    'square/okhttp@1682d9bac, internal/ws/RealWebSocket.kt (writePingFrame), OkHttpClient.kt; square/okhttp#3197',
  assumes: [
    'OkHttp 3.10 or later, a WebSocket; the HTTP/2 pings of the same option are another machine',
  ],
  runtime: jvm,
  notModelled: [
    'pings and messages leave from one queue: while a write is blocked no ping fails, and writeTimeout ends the connection',
    'close() is given up after webSocketCloseTimeout, 60 s',
  ],
  options: {
    pingInterval: timeOrOff('off', 'Time between two pings.', { bare: 'ms' }),
    writeTimeout: timeOrOff('10s', 'How long a write may be blocked.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
  },
  mechanisms: ({ pingInterval, writeTimeout }) => [
    ...(pingInterval === null
      ? []
      : [
          {
            kind: 'sweep',
            intervalMs: pingInterval,
            timer: 'per-connection',
            ping: true,
            life: ['pong'],
          } as const,
        ]),
    ...(writeTimeout === null
      ? []
      : [{ kind: 'write-deadline', timeoutMs: writeTimeout } as const]),
  ],
});
