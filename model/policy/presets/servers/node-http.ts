/** node:http: one timer of its own for idle keep-alive sockets, and a sweep for everything else. */
import { definePreset } from '../definition.ts';
import { time, timeOrOff } from '../options.ts';

export const nodeHttp = definePreset({
  name: 'node-http',
  aliases: ['node', 'http'],
  tags: ['server'],
  title: 'Node http: keepAliveTimeout 5 s, headersTimeout 60 s',
  claim: 'An idle connection is closed after 5 s, a half-open request after 60 s.',
  truth:
    'Idle keep-alive connections after 5 s, alive or not. Requests that never finish are found by a sweep every 30 s: 60 s to 90 s. None of it applies after an upgrade.',
  source: 'nodejs/node, lib/_http_server.js; nodejs/node#53536',
  options: {
    keepAliveTimeout: timeOrOff('5s', 'Silence after a response.', { bare: 'ms' }),
    headersTimeout: timeOrOff('60s', 'From connect to the end of the headers.', { bare: 'ms' }),
    connectionsCheckingInterval: time('30s', 'How often the sweep looks.', { bare: 'ms' }),
  },
  mechanisms: ({ keepAliveTimeout, headersTimeout, connectionsCheckingInterval }) => [
    ...(keepAliveTimeout === null
      ? []
      : [{ kind: 'idle', timeoutMs: keepAliveTimeout, verdict: 'destroy' } as const]),
    ...(headersTimeout === null
      ? []
      : [
          {
            kind: 'handshake-deadline',
            timeoutMs: headersTimeout,
            granularity: { everyMs: connectionsCheckingInterval, direction: 'up', grid: 'process' },
          } as const,
        ]),
  ],
});
