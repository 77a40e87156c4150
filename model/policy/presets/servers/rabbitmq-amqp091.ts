/** RabbitMQ: a process samples the count of received octets; two samples without change are the end. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';

/** rabbit_heartbeat: so many samples without a new octet. */
const SAMPLES = 2;

export const rabbitMqAmqp091 = definePreset({
  name: 'rabbitmq-amqp091',
  aliases: ['rabbitmq', 'amqp'],
  tags: ['server'],
  title: 'RabbitMQ, AMQP 0-9-1: heartbeat 60 s',
  claim: 'With heartbeat = 60 a dead client is found after 60 s.',
  truth:
    'Two to three intervals after the last octet, as its own source says: 90 s to 180 s after the client is gone. Any octet counts, so a large frame that arrives slowly is safe.',
  source: 'rabbitmq/rabbitmq-server@5b09e556da, deps/rabbit/src/rabbit_heartbeat.erl',
  options: {
    heartbeat: timeOrOff('60s', 'The negotiated interval; each side sends twice as often.', {
      bare: 's',
      minMs: 2,
    }),
  },
  mechanisms: ({ heartbeat }) =>
    heartbeat === null
      ? []
      : [
          {
            kind: 'receive-deadline',
            timeoutMs: SAMPLES * heartbeat,
            life: ['any-byte'],
            granularity: { everyMs: heartbeat, direction: 'up', grid: 'connection' },
          },
        ],
  peerHeartbeat: ({ heartbeat }) =>
    heartbeat === null
      ? undefined
      : { everyMs: Math.floor(heartbeat / 2), bytes: 8, sentBy: 'websocket' },
});
