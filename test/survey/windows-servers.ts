/** Rows of the survey: servers of WebSockets, gRPC, databases and HTTP. */
import {
  blocked,
  frozenAll,
  GO_KEEPALIVE,
  GO_PROBE_S,
  KEEPALIVE_7200,
  lastByte,
  quiet,
  WHEEL,
  type SurveyRow,
} from './row.ts';

export const serverRows: readonly SurveyRow[] = [
  { preset: 'jetty-websocket', stories: lastByte, stated: [30, 30] },
  { preset: 'tomcat-websocket', stories: ['idle', 'frozen', 'frozenLowRate'], stated: null },
  {
    // WsSession.checkExpiration: a >, looked at every 10 s.
    preset: 'tomcat-websocket',
    settings: 'maxIdleTimeout=60s',
    stories: lastByte,
    stated: [60, 70],
    tickS: 10,
  },
  {
    preset: 'tomcat-websocket',
    settings: 'READ_IDLE_TIMEOUT_MS=60s',
    stories: lastByte,
    stated: [60, 70],
    tickS: 10,
  },
  { preset: 'ktor-server-ws', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'ktor-server-ws', settings: 'pingPeriod=30s', stories: quiet, stated: [15, 45] },
  { preset: 'ktor-server-ws', settings: 'pingPeriod=30s', stories: blocked, stated: [15, 45] },
  { preset: 'tungstenite', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'daphne', stories: quiet, stated: [30, 50] },
  { preset: 'hypercorn', stories: ['idle', ...frozenAll], stated: null },
  {
    // The last pong is up to 20 s old.
    preset: 'hypercorn',
    settings: 'websocket_ping_interval=20s,read_timeout=60s',
    stories: ['idle', 'frozen'],
    stated: [40, 60],
  },
  { preset: 'bandit', stories: lastByte, stated: [60, 60] },
  // transports/tcp.ex: send_timeout 30 s, send_timeout_close.
  { preset: 'bandit', stories: blocked, stated: [30, 30] },
  {
    // Whoever has just opened is passed over once.
    preset: 'reverb',
    settings: 'activity_timeout=off',
    stories: ['idle', 'frozen'],
    stated: [60, 120],
    rarelyS: 180,
  },
  // The look after the last message passes over it, the next one pings, the one after that prunes.
  {
    preset: 'reverb',
    settings: 'activity_timeout=off',
    stories: lastByte,
    stated: [120, 180],
    tickS: 3,
  },
  { preset: 'graphql-ws', stories: quiet, stated: [12, 24] },
  { preset: 'graphql-ws', stories: blocked, stated: [12, 24] },
  {
    // Two hours since any byte, then 20 s.
    preset: 'grpc-java-server',
    stories: ['frozen'],
    stated: [20, 7_220],
  },
  {
    preset: 'grpc-java-server',
    settings: 'keepAliveTime=30s',
    stories: ['idle', 'frozen'],
    stated: [20, 50],
  },
  { preset: 'tonic-server', stories: ['idle', ...frozenAll], stated: null },
  {
    preset: 'tonic-server',
    settings: 'http2_keepalive_interval=30s',
    stories: ['idle', 'frozen'],
    stated: [20, 50],
  },
  {
    // net/ipv4/tcp_timer.c, tcp_keepalive_timer: at 30 s nothing has been asked yet, at 45 s it is past 20 s.
    preset: 'etcd',
    stories: ['idle'],
    stated: [15, 45],
    // 30 s are 7500 jiffies, buckets of 512 = 2.048 s.
    shown: [GO_PROBE_S, 30 + 2.048 + GO_PROBE_S],
    tickS: 2.048,
    // The ping after 2 h leaves just before that check, which it puts off, and has 20 s itself.
    rarelyS: 30 + 2.048 + GO_PROBE_S + 20.5,
    why: WHEEL,
  },
  { preset: 'etcd', stories: ['lowRate', 'saturated'], stated: [20, 23], tickS: 3 },
  { preset: 'mysql-server', ...KEEPALIVE_7200 },
  { preset: 'mysql-server', stories: ['frozenTalking'], stated: [28_800, 28_800] },
  {
    preset: 'mongod',
    stories: ['idle'],
    stated: [9, 309],
    // 300 s are 75 000 jiffies, buckets of 4096 = 16.384 s; 1 s = 250, in buckets of 8: 1.024 s.
    shown: [9 * 1.024, 300 + 16.384 + 9 * 1.024],
    tickS: 16.384,
    why: WHEEL,
  },
  { preset: 'mongod', stories: frozenAll, stated: null },
  { preset: 'kafka-broker', stories: lastByte, stated: [600, 600] },
  { preset: 'emqx', stories: lastByte, stated: [60, 90], tickS: 3 },
  // esockd: send_timeout 15 s, send_timeout_close.
  {
    preset: 'emqx',
    settings: 'keepAlive=off',
    stories: blocked,
    stated: [15, 15],
  },
  { preset: 'go-http-server', ...GO_KEEPALIVE },
  { preset: 'go-http-server', settings: 'IdleTimeout=60s', stories: lastByte, stated: [60, 60] },
  { preset: 'puma', stories: lastByte, stated: [65, 65] },
  { preset: 'gunicorn', stories: lastByte, stated: [2, 2] },
  { preset: 'apache-httpd', stories: lastByte, stated: [5, 5] },
  { preset: 'jetty-http', stories: lastByte, stated: [30, 30] },
  { preset: 'tomcat-http', stories: lastByte, stated: [20, 21], tickS: 1 },
];
