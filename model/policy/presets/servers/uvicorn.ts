/** Uvicorn, under FastAPI and Starlette: the keepalive of the library websockets, and a shutdown that waits. */
import { definePreset } from '../definition.ts';
import { STOP_MS, timeOrOff } from '../options.ts';
import { pythonAsyncio } from '../runtimes/others.ts';
import { websocketsPyKeepalive } from './websockets-py.ts';

export const uvicorn = definePreset({
  name: 'uvicorn',
  aliases: ['starlette', 'fastapi'],
  tags: ['server'],
  title: 'Uvicorn: ws_ping_interval 20 s, ws_ping_timeout 20 s',
  claim: 'A dead client is noticed after 20 s, and a stop ends its connections.',
  truth:
    'Decided after 20 s to 40 s, told 10 s later; with a full send buffer the ping waits, and nothing is decided. On SIGTERM it waits for its connections for as long as they like, living ones too, unless timeout_graceful_shutdown is set.',
  source:
    'encode/uvicorn@e6c7ce79, uvicorn/config.py, protocols/websockets/websockets_impl.py; python-websockets/websockets@04e599ca, legacy/protocol.py',
  assumes: [
    'ws=auto with the library websockets installed; with wsproto there are no pings at all',
  ],
  runtime: pythonAsyncio,
  options: {
    ws_ping_interval: timeOrOff('20s', 'From a pong to the next ping.', { bare: 's' }),
    ws_ping_timeout: timeOrOff('20s', 'Patience for the pong that matches.', { bare: 's' }),
    timeout_graceful_shutdown: timeOrOff('off', 'How long a stop waits for connections.', {
      bare: 's',
      plausibleMs: STOP_MS,
    }),
  },
  mechanisms: (set) => [
    ...websocketsPyKeepalive({
      ping_interval: set.ws_ping_interval,
      ping_timeout: set.ws_ping_timeout,
      // legacy/protocol.py: Uvicorn leaves close_timeout at its default.
      close_timeout: 10_000,
    }),
    { kind: 'drain', deadlineMs: set.timeout_graceful_shutdown },
  ],
});
