/** Clients of MQTT, AMQP and NATS beside those that have a file of their own. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { count, time, timeOrOff } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';
import { jvm, pythonSockets } from '../runtimes/others.ts';

const mqttJs = definePreset({
  name: 'mqtt.js',
  aliases: ['mqttjs', 'mqtt-client'],
  tags: ['client'],
  title: 'MQTT.js: keepalive 60 s, given up half of it after the PINGREQ',
  claim: 'With keepalive 60 a dead broker is found after 60 s.',
  truth:
    'Its timer ticks every 30 s: the second tick sends a PINGREQ, the third is the verdict, so 90 s after the last PINGRESP: 30 s to 90 s after the broker is gone. Incoming messages put nothing off.',
  source:
    'mqttjs/MQTT.js@aa03369, src/lib/KeepaliveManager.ts, src/lib/handlers/index.ts; mqttjs/MQTT.js#1861',
  assumes: ['MQTT.js 5.10 or later; over TCP or a WebSocket'],
  runtime: nodeNet,
  notModelled: [
    'an acknowledgement of QoS 1 or 2, which starts the timer again unless reschedulePings is false',
  ],
  options: { keepalive: timeOrOff('60s', 'From a PINGRESP to the next PINGREQ.', { bare: 's' }) },
  mechanisms: ({ keepalive }) =>
    given(keepalive, (ms) => {
      const tickMs = Math.ceil(ms / 2);
      return {
        kind: 'ping',
        intervalMs: 2 * tickMs,
        after: 'last-reply',
        replyTimeoutMs: tickMs,
        replyClock: 'enqueued',
        life: ['pong'],
      };
    }),
});

const pahoPython = definePreset({
  name: 'paho-python',
  aliases: ['paho', 'paho-mqtt'],
  tags: ['client'],
  title: 'Eclipse Paho for Python: keepalive 60 s, and as long again for the answer',
  claim: 'With keepalive 60 a dead broker is found after 60 s.',
  truth:
    'A PINGREQ leaves 60 s after the last one, or the last packet, and has 60 s: 60 s to 120 s after the broker is gone.',
  source:
    'eclipse-paho/paho.mqtt.python@1d04072, src/paho/mqtt/client.py (_check_keepalive, loop_misc)',
  assumes: [
    'the network loop runs: loop_start() or loop_forever()',
    'the client publishes nothing',
  ],
  runtime: pythonSockets,
  notModelled: [
    'the loop looks once a second: up to 2 s later',
    'what it publishes puts a PINGREQ off',
  ],
  options: {
    keepalive: timeOrOff('60s', 'Time between two PINGREQ, and patience.', { bare: 's' }),
  },
  mechanisms: ({ keepalive }) =>
    given(keepalive, (ms) => ({
      kind: 'ping',
      intervalMs: ms,
      after: 'last-reply',
      replyTimeoutMs: ms,
      replyClock: 'enqueued',
      life: ['pong'],
    })),
});

/** AMQConnection: a read gives up after a quarter of the interval, and the ninth in a row is the verdict. */
const QUARTERS = 9;

const rabbitMqJava = definePreset({
  name: 'rabbitmq-java-client',
  aliases: ['amqp-client', 'spring-amqp'],
  tags: ['client'],
  title: "RabbitMQ's client for Java: heartbeat 60 s, nine quarters of it without a frame",
  claim: 'With heartbeat 60 a dead broker is found after 60 s.',
  truth:
    'Nine reads in a row have to time out, each after 15 s: 135 s after the last frame, 105 s to 135 s after the broker is gone, since that sends twice in each interval.',
  source:
    'rabbitmq/rabbitmq-java-client@57d5b1df0, src/main/java/com/rabbitmq/client/impl/AMQConnection.java (handleSocketTimeout, setHeartbeat)',
  assumes: [
    'client and broker agreed on 60 s, the default of both; the blocking sockets, not NIO or Netty',
  ],
  runtime: jvm,
  notModelled: ['a frame that arrives slowly counts only once it is whole: here each byte does'],
  options: { heartbeat: timeOrOff('60s', 'The negotiated interval; 0 = none.', { bare: 's' }) },
  mechanisms: ({ heartbeat }) =>
    given(heartbeat, (ms) => ({
      kind: 'receive-deadline',
      timeoutMs: QUARTERS * Math.floor(ms / 4),
      life: ['any-byte'],
    })),
  peerHeartbeat: ({ heartbeat }) =>
    heartbeat === null
      ? undefined
      : { everyMs: Math.floor(heartbeat / 2), bytes: 8, sentBy: 'websocket' },
});

const natsJs = definePreset({
  name: 'nats.js',
  aliases: ['nats-node'],
  tags: ['client'],
  title: 'nats.js: pingInterval 2 min, maxPingOut 2, no keepalive below',
  claim: 'A server that misses two pings is stale after 4 min.',
  truth:
    'The tick after the second unanswered ping is the verdict: 4 min to 6 min. Node sets no keepalive, so nothing below is sooner.',
  source: 'nats-io/nats.js@3a7b736b, core/src/heartbeats.ts, core/src/options.ts',
  assumes: ['the transport for Node; that for Deno and the browser has the same ticks'],
  runtime: nodeNet,
  options: {
    pingInterval: time('2m', 'Time between two pings.', { bare: 'ms' }),
    maxPingOut: count(2, 'Pings that may be without an answer.', { min: 1, max: 100 }),
  },
  mechanisms: (set) => [
    {
      kind: 'sweep',
      intervalMs: set.pingInterval,
      timer: 'per-connection',
      ping: true,
      life: ['pong'],
      misses: set.maxPingOut,
    },
  ],
});

export const brokerClientPresets: readonly Preset[] = [mqttJs, pahoPython, rabbitMqJava, natsJs];
