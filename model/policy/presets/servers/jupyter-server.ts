/** Jupyter Server: a callback that pings and looks how old the last pong is. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { pythonSockets } from '../runtimes/others.ts';

export const jupyterServer = definePreset({
  name: 'jupyter-server',
  aliases: ['jupyter'],
  tags: ['server'],
  title: 'Jupyter Server: ws_ping_interval 30 s, ws_ping_timeout 90 s',
  claim: 'A browser that is gone is noticed after 90 s.',
  truth:
    'The age of the last pong is looked at with each ping: 90 s to 120 s after it. Both settings are milliseconds, unlike those of Tornado.',
  source: 'jupyter-server/jupyter_server@9a4d6eea2, jupyter_server/base/websocket.py (send_ping)',
  assumes: ['the kernel channels of Jupyter Server; ws_ping_timeout is three intervals unless set'],
  runtime: pythonSockets,
  notModelled: [
    'after a sleep of the host the first look judges nobody: here it does',
    "the close: Tornado's 5 s for the closing handshake are part of it",
  ],
  options: {
    ws_ping_interval: timeOrOff('30s', 'Time between two pings, and two looks.', { bare: 'ms' }),
    ws_ping_timeout: timeOrOff('off', 'How old a pong may be; off = three intervals.', {
      bare: 'ms',
    }),
  },
  mechanisms: ({ ws_ping_interval: intervalMs, ws_ping_timeout: timeoutMs }) =>
    intervalMs === null
      ? []
      : [
          {
            kind: 'sweep',
            intervalMs,
            timer: 'per-connection',
            ping: true,
            life: ['pong'],
            // The last pong came one round trip after a ping: so many looks are not later than the timeout.
            misses: Math.max(1, Math.floor((timeoutMs ?? 3 * intervalMs) / intervalMs)),
            verdict: 'close',
          },
          { kind: 'close-handshake', timeoutMs: '5s' },
        ],
});
