/** Envoy's stream idle timeout, which an upgraded stream has as well. */
import { definePreset } from '../definition.ts';
import { AGE_MS, IDLE_MS, time, timeOrOff, word } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

/** connection_keepalive.interval_jitter where it is not set. */
const KEEPALIVE_JITTER = 0.15;

export const envoy = definePreset({
  name: 'envoy',
  tags: ['proxy'],
  title: 'Envoy: stream_idle_timeout 5 min',
  claim: 'An idle stream is reset after 5 min.',
  truth:
    'Idle means that nothing moved in either direction: what one side sends keeps the stream of a dead other side, until the windows are closed for 5 min.',
  source:
    'envoyproxy/envoy, docs/root/faq/configuration/timeouts.rst; source/common/http/http2/codec_impl.cc (sendKeepalive)',
  assumes: [
    'the route timeout of 15 s is switched off, as for every stream; tcp_keepalive of listener and cluster are not set, the default',
    'connection_keepalive holds for HTTP/2 alone, and is not set by default',
  ],
  runtime: cPlain,
  notModelled: [
    'interval_jitter adds up to 15 % to each keepalive_interval: here it is always the most',
    'idle_timeout of the HTTP connection, 1 h, holds only while no stream is open',
    'max_connection_duration drains HTTP/2 with a GOAWAY; an upgraded HTTP/1.1 stream is closed at once, as here',
  ],
  options: {
    stream_idle_timeout: timeOrOff('300s', 'Time in which nothing moves.', {
      bare: 's',
      plausibleMs: IDLE_MS,
    }),
    max_connection_duration: timeOrOff('off', 'Age at which a connection is closed.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
    keepalive_interval: timeOrOff(
      'off',
      'connection_keepalive.interval: from an answer to the next ping.',
      {
        bare: 's',
      },
    ),
    keepalive_timeout: time('20s', 'connection_keepalive.timeout: patience for any byte.', {
      bare: 's',
    }),
    side: word('both', 'Where connection_keepalive is set: at the listener, at the cluster.', [
      'both',
      'downstream',
      'upstream',
    ]),
  },
  mechanisms: (set) => [
    ...(set.keepalive_interval === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: Math.ceil(set.keepalive_interval * (1 + KEEPALIVE_JITTER)),
            after: 'last-reply',
            replyTimeoutMs: set.keepalive_timeout,
            replyClock: 'enqueued',
            life: ['any-byte'],
          } as const,
        ]),
    ...(set.stream_idle_timeout === null
      ? []
      : [
          {
            kind: 'receive-deadline',
            timeoutMs: set.stream_idle_timeout,
            life: ['any-byte', 'send-accepted', 'drained'],
            verdict: 'reset',
          } as const,
        ]),
    ...(set.max_connection_duration === null
      ? []
      : [{ kind: 'age', maxMs: set.max_connection_duration } as const]),
  ],
});
