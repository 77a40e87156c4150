/**
 * How long after the fault each built-in system decides: what its source and documents say, and what must come out
 * here. Seconds, [earliest, latest], all phases, round trip 0. Where the two differ, `why` says who is right.
 */
import type { StoryName } from './stories.ts';

/** Earliest and latest; null = the system's own mechanisms never decide, at most the kernel does. */
export type WindowS = readonly [fromS: number, toS: number] | null;

/** From the fault to the verdict, or to the closed descriptor; or from that until the kernel has forgotten the socket. */
export type Instant = 'decided' | 'closed' | 'forgotten';

export interface SurveyRow {
  readonly preset: string;
  /** Settings that are not the defaults, as they stand in parentheses. */
  readonly settings?: string;
  readonly stories: readonly StoryName[];
  /** What its sources say; undefined where they say nothing of this story. */
  readonly stated?: WindowS;
  /** What comes out here where that is something else. */
  readonly shown?: WindowS;
  readonly why?: string;
  /** Granularity of the clock that judges: an end of the window may be missed by one. 0 when missing. */
  readonly tickS?: number;
  /** `decided` when missing. */
  readonly instant?: Instant;
  /** The latest of the few lives in which another of the system's timers comes in between. */
  readonly rarelyS?: number;
}

const quiet = ['idle', 'lowRate', 'frozen', 'frozenLowRate'] as const;
const blocked = ['saturated', 'frozenSaturated'] as const;
const lastByte = ['talking', 'frozenTalking'] as const;
const frozenAll = ['frozen', 'frozenLowRate', 'frozenSaturated'] as const;

/**
 * The kernel's own timers: each first expiry is up to one bucket of the timer wheel late, and then each further one by
 * a whole number of buckets. 75 s at 250 Hz are 18 750 jiffies, buckets of 512: 18 944 jiffies = 75.776 s.
 */
const WHEEL =
  'Both; the simulated timers are late by their bucket of the timer wheel, as the real ones are.';
/** 7200 s are 1 800 000 jiffies: buckets of 32 768 jiffies = 131.072 s. */
const KEEPALIVE_7200 = {
  stories: ['idle'],
  stated: [675, 7_875],
  shown: [9 * 75.776, 7_200 + 131.072 + 9 * 75.776],
  tickS: 131.072,
  why: WHEEL,
} as const;
/**
 * redis-py and go-redis, 30 s and 3 × 5 s: 30 s are 7500 jiffies, buckets of 512 = 2.048 s; 5 s = 1250, in buckets of
 * 64: 1280 = 5.12 s.
 */
const KEEPALIVE_30_5_3 = {
  stories: ['idle'],
  stated: [15, 45],
  shown: [3 * 5.12, 30 + 2.048 + 3 * 5.12],
  tickS: 2.048,
  why: WHEEL,
} as const;
/** Go, 15 s and 9 × 15 s: 15 s are 3750 jiffies, buckets of 64: 3776 = 15.104 s, and the first up to 0.256 s late. */
const GO_PROBE_S = 15.104;
const GO_FIRST_S = 15.256;
const GO_KEEPALIVE = {
  stories: ['idle'],
  stated: [135, 150],
  shown: [9 * GO_PROBE_S, GO_FIRST_S + 9 * GO_PROBE_S],
  tickS: 0.256,
  why: WHEEL,
} as const;
/** tcp_model_timeout: 924.6 s, then the first retransmission after it, at most TCP_RTO_MAX = 120 s later. */
const RETRIES2 = { stated: [924.6, 1_044.6], tickS: 120 } as const;

export const surveyRows: readonly SurveyRow[] = [
  { preset: 'ws-readme-alive-flag', stories: quiet, stated: [30, 60] },
  { preset: 'ws-readme-alive-flag', stories: blocked, stated: [30, 60] },
  {
    preset: 'ws-readme-alive-flag',
    stories: ['frozen', 'frozenLowRate'],
    instant: 'forgotten',
    stated: [60, 60],
    // tcp_fin_timeout, 60 s = 15 000 jiffies: buckets of 512 jiffies = 2.048 s; it begins with the acknowledgement of
    // the FIN, which the peer may delay by TCP_DELACK_MIN = 40 ms = 10 jiffies; the 10th begins within one that has begun.
    shown: [60, 60 + 2.048 + 0.044],
    tickS: 2.048,
    why: WHEEL,
  },
  {
    // FIN and what is still unacknowledged, 8 times (tcp_orphan_retries); recorded once per server, not at every phase.
    preset: 'ws-readme-alive-flag',
    stories: ['idle'],
    instant: 'forgotten',
    stated: [70, 116],
    tickS: 46,
  },
  { preset: 'ws-client-readme', stories: quiet, stated: [1, 31] },
  { preset: 'ws-close-timer', stories: ['unanswered'], stated: [30, 30], instant: 'closed' },
  { preset: 'engine.io-v4-server', stories: quiet, stated: [20, 45] },
  { preset: 'engine.io-v4-server', stories: blocked, stated: [20, 45] },
  {
    preset: 'engine.io-v4-server',
    stories: ['idle', 'frozen'],
    stated: [50, 75],
    instant: 'closed',
  },
  { preset: 'engine.io-v4-client', stories: quiet, stated: [20, 45] },
  { preset: 'uwebsockets', stories: quiet, stated: [16, 120], tickS: 4 },
  { preset: 'uwebsockets', stories: lastByte, stated: [116, 120], tickS: 4 },
  { preset: 'bun-serve', stories: ['idle', 'frozen'], stated: [16, 120], tickS: 4 },
  { preset: 'bun-serve', stories: blocked, stated: [116, 120], tickS: 4 },
  { preset: 'bun-serve', stories: ['lowRate', 'frozenLowRate'], stated: null },
  { preset: 'deno-upgradeWebSocket', stories: quiet, stated: [15, 30] },
  { preset: 'deno-upgradeWebSocket', stories: blocked, stated: null },
  { preset: 'websockets-py-asyncio', stories: quiet, stated: [30, 50], instant: 'closed' },
  {
    preset: 'websockets-py-asyncio',
    stories: quiet,
    stated: [30, 50],
    shown: [20, 40],
    why: 'Both: the verdict falls after 20 s to 40 s, and the application is told when close_timeout is over as well.',
  },
  { preset: 'websockets-py-asyncio', stories: blocked, stated: null },
  { preset: 'websockets-py-sync', stories: quiet, stated: [30, 50], instant: 'closed' },
  { preset: 'websockets-py-sync', stories: blocked, stated: null },
  {
    preset: 'aiohttp-server-ws',
    stories: quiet,
    stated: [15, 45],
    shown: [15, 46],
    tickS: 1,
    why: "The simulation: aiohttp rounds times above 5 s up to a whole second of the loop's clock, so the ping leaves up to 31 s after the last byte.",
  },
  { preset: 'cowboy-ws', stories: lastByte, stated: [60, 66], tickS: 6 },
  // ranch_tcp, listen: send_timeout 30 s and send_timeout_close.
  { preset: 'cowboy-ws', stories: blocked, stated: [30, 30] },
  { preset: 'phoenix-server+client', stories: quiet, stated: [30, 66], tickS: 6 },
  { preset: 'phoenix-client', stories: quiet, stated: [30, 60] },
  { preset: 'signalr-server', stories: quiet, stated: [15, 31], tickS: 1 },
  { preset: 'signalr-send-timeout', stories: blocked, stated: [10, 11], tickS: 1 },
  { preset: 'signalr-send-timeout', stories: quiet, stated: null },
  { preset: 'signalr-client', stories: quiet, stated: [15, 30] },
  { preset: 'spring-simple-broker', stories: quiet, stated: [20, 40], tickS: 10 },
  { preset: 'spring-ws-send-limits', stories: quiet, stated: null },
  {
    preset: 'spring-ws-send-limits',
    stories: blocked,
    stated: null,
  },
  { preset: 'sockjs-node', stories: quiet.filter((story) => story !== 'idle'), stated: [10, 35] },
  {
    preset: 'sockjs-node',
    stories: ['idle'],
    stated: [10, 35],
    shown: [10, 25],
    tickS: 0.1,
    why: 'The source: it calls setKeepAlive(true, 5000), on Node 5 s and ten probes a second apart, so what no ping is about to find ends within 15 s.',
  },
  { preset: 'gorilla-chat', stories: quiet, stated: [6, 60] },
  {
    preset: 'gorilla-chat',
    stories: blocked,
    stated: [6, 60],
    shown: [6, 10],
    tickS: 0.5,
    why: 'The simulation: writeWait closes 10 s after a write has blocked, before a pongWait that still has longer to go.',
  },
  { preset: 'coder-websocket', stories: ['frozen', 'frozenLowRate'], stated: null },
  { preset: 'centrifuge', stories: quiet, stated: [10, 35] },
  { preset: 'nats-server', stories: quiet, stated: [240, 360] },
  { preset: 'nats-server', stories: lastByte, stated: [360, 480] },
  { preset: 'nats-write-deadline', stories: quiet, stated: null },
  {
    preset: 'nats-write-deadline',
    stories: blocked,
    stated: [10, 10],
    shown: [10, 10.5],
    tickS: 0.5,
    why: 'Both: a frozen peer still takes what its receive window holds, some round trips long.',
  },
  { preset: 'rabbitmq-amqp091', stories: quiet, stated: [90, 180], tickS: 60 },
  { preset: 'rabbitmq-amqp091', stories: lastByte, stated: [120, 180], tickS: 60 },
  { preset: 'mqtt-mosquitto', stories: quiet, stated: [30, 96], tickS: 6 },
  { preset: 'mqtt-mosquitto', stories: lastByte, stated: [90, 96], tickS: 6 },
  {
    preset: 'redis',
    stories: ['idle'],
    stated: [300, 600],
    // 300 s: buckets of 4096 jiffies = 16.384 s; 100 s = 25 000 jiffies, in buckets of 512: 25 088 = 100.352 s.
    shown: [3 * 100.352, 300 + 16.384 + 3 * 100.352],
    tickS: 16.384,
    why: WHEEL,
  },
  { preset: 'redis', stories: frozenAll, stated: null },
  // timeout.c: whole seconds and a >, then a cron that meets each client within a second.
  { preset: 'redis', settings: 'timeout=60s', stories: lastByte, stated: [60, 62], tickS: 2 },
  {
    preset: 'redis-output-buffer',
    stories: ['flooded'],
    // (send buffer + 32 MiB) at 2 MiB/s, up to a look and a message later; tcp_wmem: up to 4 MiB.
    stated: [16, 19.5],
    tickS: 3,
  },
  { preset: 'redis-output-buffer', stories: quiet, stated: null },
  { preset: 'postgres-server', ...KEEPALIVE_7200 },
  { preset: 'postgres-server', stories: frozenAll, stated: null },
  { preset: 'pgbouncer', ...KEEPALIVE_7200 },
  { preset: 'pgbouncer', stories: frozenAll, stated: null },
  { preset: 'pgbouncer-server-pool', stories: lastByte, stated: [600, 600] },
  {
    preset: 'hikaricp',
    settings: 'minimumIdle=2',
    stories: lastByte,
    stated: [600, 630],
    tickS: 30,
  },
  { preset: 'node-postgres-pool', stories: lastByte, stated: [10, 10] },
  {
    preset: 'node-postgres-pool',
    settings: 'idleTimeoutMillis=off,keepAlive=true,keepAliveInitialDelayMillis=5s',
    stories: ['idle'],
    // libuv: 5 s + 10 × 1 s. 1 s = 250 jiffies, in buckets of 8: 256 = 1.024 s; 5 s = 1250, in buckets of 64: 0.256 s.
    stated: [10, 15],
    shown: [10 * 1.024, 5 + 0.256 + 10 * 1.024],
    tickS: 0.256,
    why: WHEEL,
  },
  {
    // net/ipv4/tcp_timer.c, tcp_keepalive_timer: at 15 s nothing has been asked yet, at 30 s it is past 20 s.
    preset: 'grpc-go-server',
    stories: ['idle'],
    stated: [15, 30],
    shown: [GO_PROBE_S, GO_FIRST_S + GO_PROBE_S],
    tickS: 0.256,
    // The ping after 2 h leaves just before that check, which it puts off, and has 20 s itself.
    rarelyS: GO_FIRST_S + GO_PROBE_S + 20.5,
    why: WHEEL,
  },
  { preset: 'grpc-go-server', stories: ['frozen'], stated: [20, 7_220] },
  {
    // grpc/grpc-go#6250: with Timeout = 50 s the check at 60 s is the first one past it.
    preset: 'grpc-go-server',
    settings: 'Timeout=50s',
    stories: ['idle'],
    stated: [45, 60],
    shown: [3 * GO_PROBE_S, GO_FIRST_S + 3 * GO_PROBE_S],
    tickS: 0.256,
    rarelyS: GO_FIRST_S + 3 * GO_PROBE_S + 50.5,
    why: WHEEL,
  },
  { preset: 'grpc-go-server', stories: ['lowRate', 'saturated'], stated: [20, 23], tickS: 3 },
  { preset: 'grpc-go-client', stories: frozenAll, stated: null },
  { preset: 'go-http2', stories: frozenAll, stated: null },
  { preset: 'go-net', ...GO_KEEPALIVE },
  { preset: 'coder-websocket', ...GO_KEEPALIVE },
  { preset: 'go-http2', ...GO_KEEPALIVE },
  {
    // net.ListenConfig{KeepAlive: 5 * time.Minute}: 300 s are 75 000 jiffies, buckets of 4096 = 16.384 s.
    preset: 'go-http2',
    settings: 'KeepAlive=5m',
    stories: ['idle'],
    stated: [135, 435],
    shown: [9 * GO_PROBE_S, 300 + 16.384 + 9 * GO_PROBE_S],
    tickS: 16.384,
    why: WHEEL,
  },
  { preset: 'go-net', stories: frozenAll, stated: null },
  { preset: 'node-http', stories: lastByte, stated: [6, 6] },
  { preset: 'node-http', stories: lastByte, stated: [6, 6], instant: 'closed' },
  { preset: 'node-http', stories: ['lowRate', 'frozenLowRate'], stated: null },
  {
    preset: 'node-http',
    stories: blocked,
    stated: null,
    shown: [6, 6.5],
    tickS: 0.5,
    why: 'The source: keepAliveTimeout runs between responses alone, and one that is blocked is not over. A policy knows of messages, not of responses.',
  },
  { preset: 'kestrel', stories: lastByte, stated: [130, 131], tickS: 1 },
  { preset: 'kestrel', stories: blocked, stated: [5, 6], tickS: 1 },
  {
    preset: 'uvicorn',
    stories: quiet,
    stated: [30, 50],
    shown: [20, 40],
    why: 'Both: the verdict falls after 20 s to 40 s, and the application is told when close_timeout, 10 s, is over as well.',
  },
  { preset: 'uvicorn', stories: quiet, stated: [30, 50], instant: 'closed' },
  { preset: 'uvicorn', stories: blocked, stated: null },
  { preset: 'tornado', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'tornado', settings: 'websocket_ping_interval=30s', stories: quiet, stated: [30, 60] },
  {
    // Tornado cuts the timeout to the interval: 90 s are 30 s.
    preset: 'tornado',
    settings: 'websocket_ping_interval=30s,websocket_ping_timeout=90s',
    stories: ['idle', 'frozen'],
    stated: [30, 60],
  },
  { preset: 'jupyter-server', stories: quiet, stated: [90, 120] },
  { preset: 'java-websocket', stories: quiet, stated: [60, 120] },
  {
    preset: 'java-websocket',
    settings: 'connectionLostTimeout=220s',
    stories: ['idle', 'frozen'],
    stated: [220, 440],
  },
  { preset: 'action-cable', stories: ['idle'], ...RETRIES2 },
  { preset: 'action-cable', stories: frozenAll, stated: null },
  { preset: 'sshd', ...KEEPALIVE_7200 },
  {
    preset: 'sshd',
    settings: 'ClientAliveInterval=15s',
    stories: ['idle', 'frozen'],
    stated: [45, 60],
  },
  { preset: 'sshd', settings: 'ClientAliveInterval=15s', stories: lastByte, stated: [60, 60] },
  {
    preset: 'sshd',
    settings: 'ClientAliveInterval=15s',
    stories: ['lowRate', 'frozenLowRate'],
    stated: null,
  },
  {
    preset: 'sshd',
    settings: 'ClientAliveInterval=15s,ClientAliveCountMax=0',
    stories: ['frozen'],
    stated: null,
  },
  { preset: 'ssh', settings: 'ServerAliveInterval=15s', stories: quiet, stated: [45, 60] },
  { preset: 'okhttp-websocket', stories: ['idle', 'frozen', 'frozenLowRate'], stated: null },
  { preset: 'okhttp-websocket', settings: 'pingInterval=5s', stories: quiet, stated: [5, 10] },
  { preset: 'slack-socket-mode', stories: quiet, stated: [5, 10] },
  { preset: 'slack-socket-mode', stories: ['idle', 'frozen'], stated: [10, 15], instant: 'closed' },
  {
    preset: 'action-cable-client',
    stories: ['idle', 'frozen'],
    // Up to 3 s old at the fault, stale at 6 s, and looked at within 12 s.
    stated: [3, 18],
    tickS: 3,
  },
  { preset: 'nats.go', stories: ['idle', 'frozen'], stated: [240, 360] },
  {
    preset: 'ioredis',
    stories: ['idle'],
    // 30 s are 7500 jiffies, buckets of 512 = 2.048 s; 1 s = 250, in buckets of 8: 1.024 s.
    stated: [10, 40],
    shown: [10 * 1.024, 30 + 2.048 + 10 * 1.024],
    tickS: 2.048,
    why: WHEEL,
  },
  { preset: 'ioredis', stories: frozenAll, stated: null },
  { preset: 'redis-py', ...KEEPALIVE_30_5_3 },
  { preset: 'redis-py', settings: 'socket_keepalive=false', stories: ['idle'], stated: null },
  // Without its limit on idleness, which would end a quiet connection first once it is 30 min old.
  { preset: 'go-redis', settings: 'ConnMaxIdleTime=off', ...KEEPALIVE_30_5_3 },
  { preset: 'libpq', ...KEEPALIVE_7200 },
  { preset: 'undici', stories: lastByte, stated: [4, 4] },
  {
    preset: 'aiohttp-client-ws',
    stories: quiet,
    stated: [15, 45],
    shown: [15, 46],
    tickS: 1,
    why: "The simulation: aiohttp rounds times above 5 s up to a whole second of the loop's clock, so the ping leaves up to 31 s after the last byte.",
  },
  {
    // uilibs/uiprotect#1144: 180 s, a whole second, and 90 s from there.
    preset: 'aiohttp-client-ws',
    settings: 'heartbeat=180s',
    stories: ['idle', 'frozen'],
    stated: [90, 271],
    tickS: 1,
  },
  {
    preset: 'aiohttp-client-ws',
    settings: 'heartbeat=off',
    stories: ['idle', 'frozen'],
    stated: null,
  },
  { preset: 'amqplib', stories: quiet, stated: [90, 180], tickS: 60 },
  { preset: 'amqplib', stories: lastByte, stated: [120, 180], tickS: 60 },
  { preset: 'pika', stories: lastByte, stated: [65, 130], tickS: 65 },
  {
    // The broker's last heartbeat is up to 30 s old.
    preset: 'pika',
    stories: ['idle', 'frozen'],
    stated: [35, 130],
    tickS: 5,
  },
  {
    preset: 'mongodb-node',
    stories: ['idle'],
    // 120 s are 30 000 jiffies, buckets of 512 = 2.048 s.
    stated: [10, 130],
    shown: [10 * 1.024, 120 + 2.048 + 10 * 1.024],
    tickS: 2.048,
    why: WHEEL,
  },
  { preset: 'grpc-js-client', stories: ['idle', 'frozen', 'frozenLowRate'], stated: null },
  { preset: 'grpc-js-client', settings: 'keepalive_time_ms=30s', stories: quiet, stated: [20, 50] },
  {
    preset: 'grpc-js-client',
    settings: 'keepalive_time_ms=30s,activeCalls=0',
    stories: ['idle'],
    stated: null,
  },
  { preset: 'grpc-js-server', stories: ['idle', 'frozen', 'frozenLowRate'], stated: null },
  { preset: 'grpc-js-server', settings: 'keepalive_time_ms=30s', stories: quiet, stated: [20, 50] },
  { preset: 'mysql2-pool', ...KEEPALIVE_7200 },
  {
    preset: 'mysql2-pool',
    settings: 'keepAliveInitialDelay=10s',
    stories: ['idle'],
    // 10 s are 2500 jiffies, buckets of 64 = 0.256 s.
    stated: [10, 20],
    shown: [10 * 1.024, 10 + 0.256 + 10 * 1.024],
    tickS: 0.256,
    why: WHEEL,
  },
  { preset: 'mysql2-pool', settings: 'maxIdle=2', stories: lastByte, stated: [60, 61], tickS: 1 },
  { preset: 'pgxpool', ...GO_KEEPALIVE },
  { preset: 'pgxpool', stories: ['frozenTalking'], stated: [1_800, 1_860], tickS: 60 },
  { preset: 'grpc-go-client', ...KEEPALIVE_7200 },
  {
    // http2_client.go: no ping without a call; TCP_USER_TIMEOUT is set all the same: the check at 7275 s is past it.
    preset: 'grpc-go-client',
    settings: 'Time=10s,activeStreams=0,IdleTimeout=off',
    stories: ['idle'],
    stated: [75, 7_275],
    shown: [75.776, 7_200 + 131.072 + 75.776],
    tickS: 131.072,
    why: WHEEL,
  },
  { preset: 'grpc-go-client', settings: 'Time=10s', stories: ['idle', 'frozen'], stated: [20, 30] },
  { preset: 'nginx-websocket', stories: lastByte, stated: [60, 60] },
  {
    preset: 'nginx-websocket',
    stories: ['lowRate'],
    stated: [60, 60],
    shown: null,
    why: 'The simulation: ngx_http_upstream_process_upgraded re-arms the timer on every event of either side, so a write that the kernel takes counts; 60 s begin when the send buffer is full.',
  },
  { preset: 'nginx-websocket', stories: ['saturated'], stated: [60, 60] },
  { preset: 'nginx-websocket', stories: ['frozenLowRate'], stated: null },
  { preset: 'aws-alb', stories: lastByte, stated: [60, 60] },
  { preset: 'heroku-router', stories: lastByte, stated: [55, 55] },
  { preset: 'cloudflare', stories: lastByte, stated: [100, 100] },
  { preset: 'haproxy-tunnel', stories: frozenAll, stated: null },
  // nextcloud/HaRP#115: without timeout tunnel the shorter of the two holds.
  {
    preset: 'haproxy-tunnel',
    settings: 'client=30s,server=60s',
    stories: lastByte,
    stated: [30, 30],
  },
  {
    preset: 'haproxy-tunnel',
    settings: 'tunnel=1h,client=30s,server=60s',
    stories: lastByte,
    stated: [3_600, 3_600],
  },
  { preset: 'envoy', stories: lastByte, stated: [300, 300] },
  {
    preset: 'envoy',
    stories: ['lowRate'],
    stated: [300, 300],
    shown: null,
    why: 'The simulation: data either way restarts stream_idle_timeout, and what the kernel takes has been sent; 300 s begin when the send buffer is full.',
  },
  { preset: 'envoy', stories: ['saturated'], stated: [300, 300] },
  { preset: 'envoy', stories: ['frozenLowRate'], stated: null },
  {
    // 30 s and up to 15 % of jitter, then 20 s; the shortest, 30 s, is not played.
    preset: 'envoy',
    settings: 'keepalive_interval=30s',
    stories: ['idle', 'frozen'],
    stated: [20, 54.5],
  },
  { preset: 'linux-keepalive-default', ...KEEPALIVE_7200 },
  { preset: 'linux-keepalive-default', stories: frozenAll, stated: null },
  { preset: 'linux-retransmit', stories: ['lowRate', 'saturated'], ...RETRIES2 },
  { preset: 'linux-retransmit', stories: ['idle', ...frozenAll], stated: null },
  { preset: 'k8s-termination', stories: ['sigterm'], stated: [40, 40] },
  { preset: 'systemd-stop', stories: ['sigterm'], stated: [100, 100] },
  { preset: 'docker-stop', stories: ['sigterm'], stated: [20, 20] },
  { preset: 'aws-ecs-stop', stories: ['sigterm'], stated: [40, 40] },
];

/** Systems whose busy ghosts only the kernel ends. */
export const leftToTheKernel = [
  'redis',
  'postgres-server',
  'pgbouncer',
  'go-net',
  'go-http2',
  'grpc-go-client',
  'coder-websocket',
  'linux-keepalive-default',
] as const;
