/** RabbitMQ: a process samples the count of received octets; two samples without change are the end. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { ranch } from '../runtimes/others.ts';

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
  source: 'rabbitmq/rabbitmq-server@5b09e556da, deps/rabbit_common/src/rabbit_heartbeat.erl',
  assumes: [
    'client and broker agreed on 60 s, the default of both, and the client sends twice as often',
  ],
  runtime: {
    ...ranch,
    name: 'Ranch with the options of RabbitMQ',
    sets: 'neither SO_KEEPALIVE nor TCP_USER_TIMEOUT (tcp_listen_options.keepalive is off); linger {true, 0}: a close is a reset',
    source: 'rabbitmq/rabbitmq-server@5b09e556da, deps/rabbit/Makefile, tcp_listen_options',
    // The writer hands frames to the port without waiting for it: send_timeout does not bear on them.
    mechanisms: [],
  },
  notModelled: [
    'while the broker applies flow control it stops judging (pause_monitor): here it goes on',
    'a writer whose socket is full waits for it as long as the receiver sees octets',
  ],
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
            verdict: 'reset',
          },
        ],
  peerHeartbeat: ({ heartbeat }) =>
    heartbeat === null
      ? undefined
      : { everyMs: Math.floor(heartbeat / 2), bytes: 8, sentBy: 'websocket' },
});
