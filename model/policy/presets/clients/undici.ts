/** undici, and with it Node's fetch: TCP keepalive after a minute, and patience with headers and body. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, KEEPALIVE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';

export const undici = definePreset({
  name: 'undici',
  aliases: ['fetch'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: "undici, Node's fetch: keepAliveTimeout 4 s, headersTimeout 300 s, TCP keepalive 60 s",
  claim: 'fetch waits for ever, or as long as the server.',
  truth:
    'For 300 s for the headers and again for each piece of the body. An idle connection is kept for 4 s unless the server says how long (then a second less). TCP keepalive begins after 60 s, and Node probes 10 times a second: 70 s.',
  source:
    'nodejs/undici@7eb7c8ec8, lib/core/connect.js, lib/dispatcher/client.js; nodejs/node v20, libuv 1.46',
  assumes: ['Node 20; HTTP/1.1; the response of the server names no Keep-Alive timeout'],
  runtime: nodeNet,
  notModelled: ['connectTimeout, 10 s', 'HTTP/2, which undici offers since version 7'],
  options: {
    keepAliveTimeout: timeOrOff('4s', 'Unused for so long: closed.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    headersTimeout: timeOrOff('300s', 'Patience for the headers.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
    keepAliveInitialDelay: timeOrOff(
      '60s',
      "TCP_KEEPIDLE in whole seconds; 10 probes a second apart follow. Off or below 1 s = the system's times.",
      { bare: 'ms', plausibleMs: KEEPALIVE_MS },
    ),
  },
  mechanisms: (set) => [
    nodeKeepAlive(set.keepAliveInitialDelay ?? 0),
    ...(set.keepAliveTimeout === null
      ? []
      : [{ kind: 'idle', timeoutMs: set.keepAliveTimeout, verdict: 'destroy' } as const]),
    ...(set.headersTimeout === null
      ? []
      : [{ kind: 'request-deadline', timeoutMs: set.headersTimeout } as const]),
  ],
});
