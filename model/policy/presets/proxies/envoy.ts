/** Envoy's stream idle timeout, which an upgraded stream has as well. */
import { definePreset } from '../definition.ts';
import { AGE_MS, IDLE_MS, timeOrOff } from '../options.ts';
import { cPlain } from '../runtimes/others.ts';

export const envoy = definePreset({
  name: 'envoy',
  tags: ['proxy'],
  title: 'Envoy: stream_idle_timeout 5 min',
  claim: 'An idle stream is reset after 5 min.',
  truth:
    'Idle means that nothing moved in either direction: what one side sends keeps the stream of a dead other side, until the windows are closed for 5 min.',
  source: 'envoyproxy/envoy, docs/root/faq/configuration/timeouts.rst',
  assumes: [
    'the route timeout of 15 s is switched off, as for every stream; HTTP/2 keepalive (connection_keepalive) and tcp_keepalive of listener and cluster are not set, the defaults',
  ],
  runtime: cPlain,
  notModelled: [
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
  },
  mechanisms: (set) => [
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
