/** Chains of public bug reports, and the smallest ones of each kind of fault. */
import type { ChainInput } from '../../model/chain/index.ts';

const mattermost = {
  name: 'mattermost',
  mechanisms: [
    { kind: 'ping', intervalMs: '60s', replyTimeoutMs: null },
    { kind: 'receive-deadline', timeoutMs: '100s', life: ['pong'] },
    { kind: 'write-deadline', timeoutMs: '30s' },
  ],
} as const;

const alb = { kind: 'proxy', name: 'AWS ALB', idleMs: '60s', poolIdleMs: '60s' } as const;
const azure = { kind: 'middlebox', name: 'Azure NAT', idleMs: '240s', atExpiry: 'silent' } as const;

export const chains: Readonly<Record<string, ChainInput>> = {
  'client-in-time': {
    name: 'client-30s-cowboy-60s',
    hops: [
      { kind: 'client', heartbeatMs: '30s' },
      { kind: 'server', preset: 'cowboy' },
    ],
  },
  'client-too-slow': {
    name: 'client-90s-phoenix-60s',
    hops: [
      { kind: 'client', heartbeatMs: '90s' },
      { kind: 'server', preset: 'phoenix' },
    ],
  },
  // SignalR/SignalR#4536.
  'hidden-tab': {
    name: 'page-15s-signalr-30s',
    hops: [
      { kind: 'client', timers: 'page', heartbeatMs: '15s' },
      { kind: 'server', preset: 'signalr' },
    ],
  },
  'hidden-tab-phoenix': {
    name: 'page-30s-phoenix-60s',
    hops: [
      { kind: 'client', timers: 'page', heartbeatMs: '30s' },
      { kind: 'server', preset: 'phoenix' },
    ],
  },
  unstated: { name: 'server-unstated', hops: [{ kind: 'client' }, { kind: 'server' }] },
  // MQTT 3.1.1, keep alive 60 s; the client really sends every 120 s.
  mosquitto: {
    name: 'mosquitto-keepalive-60-client-sends-120',
    hops: [
      { kind: 'client', heartbeatMs: '120s' },
      { kind: 'server', preset: 'mosquitto(keepAlive=60s)' },
    ],
  },
  // mattermost/docs#8929.
  'mattermost-alb': {
    name: 'mattermost-behind-alb',
    hops: [
      { kind: 'client' },
      { kind: 'proxy', name: 'ALB', idleMs: '60s', atExpiry: 'close' },
      { kind: 'server', name: 'Mattermost', policy: mattermost },
    ],
  },
  // envoyproxy/go-control-plane#449.
  'envoy-grpc': {
    name: 'envoy-xds-to-grpc-go',
    rttMs: 5,
    hops: [
      { kind: 'client', name: 'Envoy connection_keepalive 30s', heartbeatMs: '30s' },
      { kind: 'server', preset: 'grpc', platform: 'linux' },
    ],
  },
  // grpc/grpc#28830.
  'grpc-equal': {
    name: 'grpc-ruby-against-grpc-go',
    rttMs: 5,
    hops: [
      { kind: 'client', heartbeatMs: '20s' },
      { kind: 'server', preset: 'grpc(MinTime=20s,PermitWithoutStream=true)' },
    ],
  },
  'ping-behind-envoy': {
    name: 'client-envoy-grpc-go',
    hops: [
      { kind: 'client', heartbeatMs: '10s' },
      { kind: 'proxy', name: 'Envoy', idleMs: '1h' },
      { kind: 'server', preset: 'grpc' },
    ],
  },
  // nextcloud/HaRP#115.
  harp: {
    name: 'harp-haproxy-client-30s',
    rttMs: 5,
    hops: [
      { kind: 'client' },
      { kind: 'proxy', name: 'HAProxy', idleMs: '30s', poolIdleMs: null },
      { kind: 'server', preset: 'none', platform: 'linux' },
    ],
  },
  'harp-ws': {
    name: 'harp-ws-haproxy-client-30s',
    rttMs: 5,
    hops: [
      { kind: 'client' },
      { kind: 'proxy', name: 'HAProxy', idleMs: '30s', poolIdleMs: null },
      { kind: 'server', preset: 'ws', platform: 'linux' },
    ],
  },
  'http-jl': {
    name: 'httpjl-azure',
    rttMs: 10,
    hops: [
      { kind: 'client', name: 'HTTP.jl 2.5 h2 pool', poolIdleMs: null },
      azure,
      { kind: 'server', preset: 'none', platform: 'linux' },
    ],
  },
  'node-behind-alb': {
    name: 'node-default',
    rttMs: 2,
    hops: [{ kind: 'client' }, alb, { kind: 'server', preset: 'node', platform: 'linux' }],
  },
  'node-65-behind-alb': {
    name: 'node-65',
    rttMs: 2,
    hops: [{ kind: 'client' }, alb, { kind: 'server', preset: 'node(keepAliveTimeout=65s)' }],
  },
  // nodejs/node#27363.
  'node-headers': {
    name: 'node-headers-40',
    rttMs: 2,
    hops: [
      { kind: 'client' },
      alb,
      {
        kind: 'server',
        preset: 'node(keepAliveTimeout=65s,headersTimeout=40s)',
        httpKeepAliveMs: '65s',
      },
    ],
  },
  'node-far-away': {
    name: 'alb-60-node-60050-rtt-200',
    rttMs: 200,
    hops: [
      { kind: 'client', name: 'ALB far away', poolIdleMs: '60s' },
      { kind: 'server', preset: 'node(keepAliveTimeout=60050)', httpKeepAliveMs: 60_050 },
    ],
  },
  mysql: {
    name: 'mysql2-wait-timeout-5',
    hops: [
      { kind: 'client', name: 'mysql2 pool', poolIdleMs: null },
      { kind: 'server', preset: 'none', httpKeepAliveMs: '5s' },
    ],
  },
  // almond-bot/axol#249.
  uvicorn: {
    name: 'axol',
    hops: [
      { kind: 'client' },
      {
        kind: 'server',
        policy: {
          name: 'uvicorn',
          mechanisms: [
            { kind: 'ping', intervalMs: '20s', replyTimeoutMs: '20s' },
            { kind: 'drain', deadlineMs: null },
          ],
        },
        closeTimeoutMs: '10s',
      },
      { kind: 'orchestrator', name: 'systemd', graceMs: '240s' },
    ],
  },
};
