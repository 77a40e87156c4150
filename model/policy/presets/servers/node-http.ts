/** node:http: one timer of its own for idle keep-alive sockets, and a sweep for everything else. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, time, timeOrOff } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

export const nodeHttp = definePreset({
  name: 'node-http',
  aliases: ['node', 'http'],
  tags: ['server', 'requests'],
  title: 'Node http: keepAliveTimeout 5 s, headersTimeout 60 s',
  claim: 'An idle connection is closed after 5 s, a half-open request after 60 s.',
  truth:
    'Idle keep-alive connections after 6 s, alive or not: a second more than the client is told. Requests that never finish are found by a sweep every 30 s: 60 s to 90 s for their headers, 300 s to 330 s for all of them. None of it applies after an upgrade.',
  source:
    'nodejs/node v20.20, lib/_http_server.js (HTTP_SERVER_KEEP_ALIVE_TIMEOUT_BUFFER, 1 s, an option from v24.6 on); nodejs/node#53536, nodejs/node#27363',
  assumes: [
    'HTTP/1.1 with keep-alive, not upgraded; a response is over as soon as it has been handed to the socket',
    'headersTimeout is not longer than requestTimeout, else Node refuses both',
  ],
  runtime: nodeNet,
  notModelled: [
    'server.timeout, off by default: silence of a socket while a response is being made',
  ],
  options: {
    keepAliveTimeout: timeOrOff('5s', 'Silence after a response.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    keepAliveTimeoutBuffer: time('1s', 'Waited on top of it, untold to the client.', {
      bare: 'ms',
      minMs: 0,
    }),
    headersTimeout: timeOrOff('60s', 'From connect to the end of the headers.', { bare: 'ms' }),
    requestTimeout: timeOrOff('300s', 'From connect to the end of the request.', { bare: 'ms' }),
    connectionsCheckingInterval: time('30s', 'How often the sweep looks.', { bare: 'ms' }),
  },
  mechanisms: (set) => {
    // The opening handshake is one request without a body: whichever of the two is shorter ends it.
    const opening = [set.headersTimeout, set.requestTimeout].filter((ms) => ms !== null);
    return [
      ...(set.keepAliveTimeout === null
        ? []
        : [
            {
              kind: 'idle',
              timeoutMs: set.keepAliveTimeout + set.keepAliveTimeoutBuffer,
              verdict: 'destroy',
            } as const,
          ]),
      ...(opening.length === 0
        ? []
        : [
            {
              kind: 'handshake-deadline',
              timeoutMs: Math.min(...opening),
              granularity: {
                everyMs: set.connectionsCheckingInterval,
                direction: 'up',
                grid: 'process',
              },
            } as const,
          ]),
    ];
  },
});
