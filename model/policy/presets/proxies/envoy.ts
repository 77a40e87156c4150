/** Envoy's stream idle timeout, which an upgraded stream has as well. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';

export const envoy = definePreset({
  name: 'envoy',
  tags: ['proxy'],
  title: 'Envoy: stream_idle_timeout 5 min',
  claim: 'An idle stream is reset after 5 min.',
  truth:
    'Idle means that nothing moved in either direction: what one side sends keeps the stream of a dead other side, until the windows are closed for 5 min.',
  source: 'envoyproxy/envoy, docs/root/faq/configuration/timeouts.rst',
  options: {
    stream_idle_timeout: timeOrOff('300s', 'Time in which nothing moves.', { bare: 's' }),
    max_connection_duration: timeOrOff('off', 'Age at which a connection is closed.', {
      bare: 's',
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
