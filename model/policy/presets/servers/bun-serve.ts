/** Bun.serve: uWebSockets with resetIdleTimeoutOnSend switched on for good. */
import { definePreset } from '../definition.ts';
import { flag, timeOrOff } from '../options.ts';
import { idlePhases } from './uwebsockets.ts';
import { uSockets } from '../runtimes/others.ts';

/** The engine's smallest; below it Bun rounds up. */
const LEAST_MS = 8_000;

export const bunServe = definePreset({
  name: 'bun-serve',
  aliases: ['bun', 'Bun.serve'],
  tags: ['server'],
  title: 'Bun.serve websocket: idleTimeout 120 s, pings of its own',
  claim: 'A client that is silent for 120 s is closed.',
  truth:
    'Only where the server is silent too: every message that the kernel takes starts the time again. A server that sends reaps a vanished client only once its buffers are full, and a frozen one never while its window has room.',
  source:
    'oven-sh/bun, src/bun.js/api/server (resetIdleTimeoutOnSend: true); oven-sh/bun#39255; uWebSockets',
  assumes: [
    'Bun.serve with a websocket handler; idleTimeout of HTTP, 10 s, no longer holds after the upgrade',
  ],
  runtime: uSockets,
  options: {
    idleTimeout: timeOrOff(
      '120s',
      'Silence after which a connection is closed; 1 s to 7 s mean 8 s.',
      {
        bare: 's',
        minMs: 1_000,
        maxMs: 960_000,
        multipleOfMs: 1_000,
      },
    ),
    sendPings: flag(true, 'Whether it pings before the time is over.'),
  },
  mechanisms: ({ idleTimeout, sendPings }) =>
    idleTimeout === null
      ? []
      : [
          idlePhases(Math.max(LEAST_MS, idleTimeout), sendPings, [
            'any-byte',
            'drained',
            'send-accepted',
          ]),
        ],
});
