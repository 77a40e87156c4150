/** amqplib, the client of RabbitMQ for Node: two intervals in a row without a byte. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';

/** lib/heartbeat.js: missedTwo. */
const INTERVALS = 2;

export const amqplib = definePreset({
  name: 'amqplib',
  tags: ['client'],
  title: "amqplib: the server's heartbeat, 60 s, missed twice",
  claim: 'With heartbeat 60 a dead broker is found after 60 s.',
  truth:
    'The bytes are looked at every 60 s, and two looks in a row have to find none: 120 s to 180 s after the last of them, 90 s to 180 s after the broker is gone.',
  source: 'amqp-node/amqplib@f7503e5 (2.0.1), lib/heartbeat.js, lib/connection.js, lib/connect.js',
  assumes: [
    "no heartbeat is asked for, so the broker's holds: 60 s of RabbitMQ, which sends twice as often",
  ],
  runtime: nodeNet,
  notModelled: ['the socket options keepAlive and keepAliveDelay, which are off unless asked for'],
  options: {
    heartbeat: timeOrOff('60s', 'The negotiated interval; 0 = none.', { bare: 's' }),
  },
  mechanisms: ({ heartbeat }) =>
    heartbeat === null
      ? []
      : [
          {
            kind: 'receive-deadline',
            timeoutMs: INTERVALS * heartbeat,
            life: ['any-byte'],
            granularity: { everyMs: heartbeat, direction: 'up', grid: 'connection' },
          },
        ],
  peerHeartbeat: ({ heartbeat }) =>
    heartbeat === null
      ? undefined
      : { everyMs: Math.floor(heartbeat / 2), bytes: 8, sentBy: 'websocket' },
});
