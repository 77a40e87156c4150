/** Rows of the survey: clients and pools. */
import {
  frozenAll,
  GO_FIRST_S,
  GO_KEEPALIVE,
  GO_PROBE_S,
  KEEPALIVE_7200,
  lastByte,
  quiet,
  WHEEL,
  type SurveyRow,
} from './row.ts';

/** 30 s are 7500 jiffies, buckets of 512 = 2.048 s; 1 s = 250, in buckets of 8: 1.024 s. */
const NODE_30 = {
  stories: ['idle'],
  stated: [10, 40],
  shown: [10 * 1.024, 30 + 2.048 + 10 * 1.024],
  tickS: 2.048,
  why: WHEEL,
} as const;

export const clientRows: readonly SurveyRow[] = [
  {
    preset: 'websocket-client',
    stories: ['idle'],
    stated: [30, 60],
    // 10 s are 2500 jiffies, in buckets of 64: 2560 = 10.24 s.
    shown: [3 * 10.24, 30 + 2.048 + 3 * 10.24],
    tickS: 2.048,
    why: WHEEL,
  },
  {
    preset: 'websocket-client',
    settings: 'ping_interval=25s,ping_timeout=10s',
    stories: ['idle', 'frozen'],
    stated: [10, 45],
    shown: [10, 35],
    why: 'The source: the age of the ping is looked at when select() returns, every 10 s; here at its instant.',
  },
  { preset: 'websocket-client', stories: frozenAll, stated: null },
  { preset: 'ktor-client-ws', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'ktor-client-ws', settings: 'pingInterval=20s', stories: quiet, stated: [40, 60] },
  {
    preset: 'react-native-websocket',
    stories: ['idle', 'frozen', 'frozenLowRate'],
    stated: null,
  },
  { preset: 'socketrocket', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'urlsession', stories: ['idle', 'frozen'], stated: null },
  { preset: 'pusher-js', stories: quiet, stated: [30, 150] },
  {
    preset: 'pusher-js',
    settings: 'serverActivityTimeout=30s',
    stories: ['idle', 'frozen'],
    stated: [30, 60],
  },
  { preset: 'graphql-ws-client', stories: ['idle', ...frozenAll], stated: null },
  {
    preset: 'graphql-ws-client',
    settings: 'keepAlive=10s,pongTimeout=5s',
    stories: quiet,
    stated: [5, 15],
  },
  {
    preset: 'lettuce',
    stories: ['idle'],
    stated: [39, 52],
    // 13 s are 3250 jiffies, in buckets of 64: 3264 = 13.056 s.
    shown: [3 * 13.056, 13 + 0.256 + 3 * 13.056],
    tickS: 0.256,
    why: WHEEL,
  },
  { preset: 'lettuce', stories: frozenAll, stated: null },
  { preset: 'jedis', stories: lastByte, stated: [60, 90], tickS: 3 },
  { preset: 'node-redis', ...NODE_30 },
  { preset: 'node-redis', stories: frozenAll, stated: null },
  { preset: 'kafka-clients', stories: lastByte, stated: [540, 540] },
  { preset: 'librdkafka', stories: ['idle', 'frozen'], stated: null },
  { preset: 'librdkafka', settings: 'socket.keepalive.enable=true', ...KEEPALIVE_7200 },
  {
    preset: 'kafkajs',
    stories: ['idle'],
    stated: [10, 70],
    // 60 s are 15 000 jiffies, buckets of 512 = 2.048 s.
    shown: [10 * 1.024, 60 + 2.048 + 10 * 1.024],
    tickS: 2.048,
    why: WHEEL,
  },
  { preset: 'mqtt.js', stories: quiet, stated: [30, 90] },
  { preset: 'paho-python', stories: quiet, stated: [60, 120] },
  { preset: 'rabbitmq-java-client', stories: lastByte, stated: [135, 135] },
  // The broker's last heartbeat is up to 30 s old.
  { preset: 'rabbitmq-java-client', stories: ['idle', 'frozen'], stated: [105, 135] },
  { preset: 'nats.js', stories: ['idle', 'frozen'], stated: [240, 360] },
  { preset: 'grpc-java-client', ...KEEPALIVE_7200 },
  { preset: 'grpc-java-client', stories: frozenAll, stated: null },
  {
    preset: 'grpc-java-client',
    settings: 'keepAliveTime=30s',
    stories: ['idle', 'frozen'],
    stated: [20, 50],
  },
  { preset: 'tonic-client', stories: ['idle', ...frozenAll], stated: null },
  {
    preset: 'tonic-client',
    settings: 'http2_keep_alive_interval=30s',
    stories: ['idle', 'frozen'],
    stated: [20, 50],
  },
  {
    preset: 'tonic-client',
    settings: 'http2_keep_alive_interval=30s,activeCalls=0',
    stories: ['idle'],
    stated: null,
  },
  {
    // Without its pool's limit, which would end a quiet connection first once it is 90 s old.
    preset: 'go-http-client',
    settings: 'IdleConnTimeout=off',
    stories: ['idle'],
    stated: [135, 165],
    shown: [9 * GO_PROBE_S, 30 + 2.048 + 9 * GO_PROBE_S],
    tickS: 2.048,
    why: WHEEL,
  },
  { preset: 'go-http-client', stories: lastByte, stated: [90, 90] },
  {
    // At 15 s nothing has been asked yet, at 30 s it is past the user timeout.
    preset: 'reqwest',
    settings: 'pool_idle_timeout=off',
    stories: ['idle'],
    stated: [15, 30],
    shown: [GO_PROBE_S, GO_FIRST_S + GO_PROBE_S],
    tickS: 0.256,
    why: WHEEL,
  },
  { preset: 'reqwest', stories: ['frozenTalking'], stated: [90, 90] },
  { preset: 'hyper-client', stories: lastByte, stated: [90, 90] },
  { preset: 'pgjdbc', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'pgjdbc', settings: 'tcpKeepAlive=true', ...KEEPALIVE_7200 },
  { preset: 'asyncpg-pool', stories: lastByte, stated: [300, 300] },
  { preset: 'go-sql-driver-mysql', ...GO_KEEPALIVE },
];
