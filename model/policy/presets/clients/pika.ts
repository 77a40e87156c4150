/** pika, the client of RabbitMQ for Python: one look of heartbeat + 5 s without a byte. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { pythonSockets } from '../runtimes/others.ts';

/** heartbeat.py: _check_interval. */
const MARGIN_MS = 5_000;

export const pika = definePreset({
  name: 'pika',
  tags: ['client'],
  title: "pika: the server's heartbeat, 60 s, and 5 s more",
  claim: 'With heartbeat 60 a dead broker is found after 65 s.',
  truth:
    'One whole look of 65 s has to pass without a byte: 65 s to 130 s after the last of them. A callback that holds the loop up for longer sends no heartbeats meanwhile, and the broker closes.',
  source:
    'pika/pika@2126d43a (1.4.0), pika/heartbeat.py, pika/connection.py, pika/tcp_socket_opts.py',
  assumes: [
    "no heartbeat is asked for, so the broker's holds: 60 s of RabbitMQ, which sends twice as often",
    'tcp_options is None, the default',
  ],
  runtime: pythonSockets,
  notModelled: ['blocked_connection_timeout, off by default'],
  options: {
    heartbeat: timeOrOff('60s', 'The negotiated interval; 0 = none.', { bare: 's', minMs: 1_000 }),
  },
  mechanisms: ({ heartbeat }) =>
    heartbeat === null
      ? []
      : [
          {
            kind: 'receive-deadline',
            timeoutMs: heartbeat + MARGIN_MS,
            life: ['any-byte'],
            granularity: { everyMs: heartbeat + MARGIN_MS, direction: 'up', grid: 'connection' },
          },
        ],
  peerHeartbeat: ({ heartbeat }) =>
    heartbeat === null
      ? undefined
      : { everyMs: Math.floor(heartbeat / 2), bytes: 8, sentBy: 'websocket' },
});
