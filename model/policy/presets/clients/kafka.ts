/** Clients of Kafka: that of Apache, librdkafka below most other languages, and KafkaJS. */
import { definePreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { flag, IDLE_MS, PATIENCE_MS, timeOrOff } from '../options.ts';
import { nodeKeepAlive, nodeNet } from '../runtimes/node.ts';
import { cPlain, jvm } from '../runtimes/others.ts';
import { SYSTEM_KEEPALIVE } from '../runtimes/runtime.ts';

const idle = { bare: 'ms', plausibleMs: IDLE_MS } as const;
const patient = { bare: 'ms', plausibleMs: PATIENCE_MS } as const;
const HEARTBEATS =
  "the group's heartbeats, every 3 s, are requests of a consumer to its coordinator: that connection is never quiet";

const kafkaClients = definePreset({
  name: 'kafka-clients',
  aliases: ['kafka-producer', 'kafka-consumer', 'spring-kafka'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: "Kafka's own clients: request.timeout.ms 30 s, connections.max.idle.ms 9 min",
  claim: 'A dead broker is noticed when the next request fails.',
  truth:
    'That takes 30 s, request.timeout.ms, and then the connection is closed. One that nobody uses is closed after 9 min, a minute before the broker does it.',
  source:
    'apache/kafka@1eb7644349c, clients/src/main/java/org/apache/kafka/clients/producer/ProducerConfig.java, consumer/ConsumerConfig.java, common/network/Selector.java',
  assumes: ['producer or consumer; an admin client keeps its connections 5 min'],
  runtime: {
    ...jvm,
    sets: "SO_KEEPALIVE with the system's times (7200 s, 9 × 75 s)",
    source: 'apache/kafka@1eb7644349c, common/network/Selector.java (configureSocketChannel)',
    mechanisms: [SYSTEM_KEEPALIVE],
  },
  notModelled: [HEARTBEATS, 'one connection is closed at each poll of the client'],
  options: {
    'request.timeout.ms': timeOrOff('30s', 'Patience for a response.', patient),
    'connections.max.idle.ms': timeOrOff('540s', 'Unused for so long: closed.', idle),
  },
  mechanisms: (set) => [
    ...given(set['request.timeout.ms'], (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
    ...given(set['connections.max.idle.ms'], (timeoutMs) => ({
      kind: 'idle',
      timeoutMs,
      verdict: 'destroy',
    })),
  ],
});

const librdkafka = definePreset({
  name: 'librdkafka',
  aliases: ['confluent-kafka', 'node-rdkafka'],
  tags: ['client', 'pool'],
  orderlyEnd: 'harmless',
  title: 'librdkafka: socket.timeout.ms 60 s, connections.max.idle.ms 0',
  claim: 'An idle connection to a broker is kept alive.',
  truth:
    'Nothing keeps it: socket.keepalive.enable is false and connections.max.idle.ms is 0, so a firewall that forgets it, or the broker after 10 min, ends it first, and a silent death is noticed by a request, after 60 s.',
  source:
    'confluentinc/librdkafka@4c3b017c3, CONFIGURATION.md, src/rdkafka_broker.c (rd_kafka_broker_idle_check), src/rdkafka_transport.c',
  assumes: ['a producer or consumer, not brokers of Azure, for which it chooses an idle limit'],
  runtime: cPlain,
  notModelled: [HEARTBEATS, 'connections.max.idle.ms is shortened by up to 2 s'],
  options: {
    'socket.timeout.ms': timeOrOff('60s', 'Patience for a response.', patient),
    'socket.keepalive.enable': flag(false, "SO_KEEPALIVE with the system's times."),
    'connections.max.idle.ms': timeOrOff('off', 'Unused for so long: closed.', idle),
  },
  mechanisms: (set) => [
    ...given(set['socket.timeout.ms'], (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
    ...(set['socket.keepalive.enable'] ? [SYSTEM_KEEPALIVE] : []),
    ...given(set['connections.max.idle.ms'], (timeoutMs) => ({
      kind: 'idle',
      timeoutMs,
      verdict: 'destroy',
    })),
  ],
});

const kafkaJs = definePreset({
  name: 'kafkajs',
  tags: ['client'],
  title: 'KafkaJS: requestTimeout 30 s, TCP keepalive 60 s',
  claim: 'Keepalive after 60 s is followed by 11 min of probes (9 × 75 s).',
  truth: 'Node probes 10 times, a second apart: 70 s after the last segment. A request waits 30 s.',
  source:
    'tulios/kafkajs@55b0b416, src/network/socketFactory.js (KEEP_ALIVE_DELAY), src/cluster/index.js; nodejs/node v20, libuv 1.46',
  assumes: ['Node 20; the socket factory is its own'],
  runtime: nodeNet,
  notModelled: [
    HEARTBEATS,
    'a request that times out leaves the connection open: here it is closed',
  ],
  options: { requestTimeout: timeOrOff('30s', 'Patience for a response.', patient) },
  mechanisms: ({ requestTimeout }) => [
    ...given(requestTimeout, (timeoutMs) => ({ kind: 'request-deadline', timeoutMs })),
    nodeKeepAlive(60_000),
  ],
});

export const kafkaClientPresets: readonly Preset[] = [kafkaClients, librdkafka, kafkaJs];
