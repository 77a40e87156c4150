/** Stacks of public bug reports, and the smallest ones of each kind of fault. */
import type { Stack } from '../../model/stack/index.ts';
import { stackOf } from '../support/stack-of.ts';

const mattermost = {
  name: 'mattermost',
  mechanisms: [
    { kind: 'ping', intervalMs: '60s', replyTimeoutMs: null },
    { kind: 'receive-deadline', timeoutMs: '100s', life: ['pong'] },
    { kind: 'write-deadline', timeoutMs: '30s' },
  ],
} as const;

const axol = {
  name: 'axol',
  mechanisms: [
    { kind: 'ping', intervalMs: '20s', replyTimeoutMs: '20s' },
    { kind: 'drain', deadlineMs: null },
  ],
} as const;

export const stacks: Readonly<Record<string, Stack>> = {
  'client-in-time': stackOf('client(heartbeat=30s) > cowboy'),
  'client-too-slow': stackOf('client(heartbeat=90s) > phoenix'),
  // SignalR/SignalR#4536.
  'hidden-tab': stackOf('browser(heartbeat=15s) > signalr'),
  'hidden-tab-phoenix': stackOf('browser(heartbeat=30s) > phoenix'),
  unstated: stackOf('client > server'),
  // MQTT 3.1.1, keep alive 60 s; the client really sends every 120 s.
  mosquitto: stackOf('client(heartbeat=120s) > mosquitto(keepAlive=60s)'),
  // mattermost/docs#8929, and the cure that is given there.
  'mattermost-alb': stackOf('client > aws-alb > ./mattermost', { mattermost }),
  'mattermost-alb-300': stackOf('client > aws-alb(idle_timeout=300s) > ./mattermost', {
    mattermost,
  }),
  // envoyproxy/go-control-plane#449: Envoy is the client, connection_keepalive 30 s.
  'envoy-grpc': stackOf('client "Envoy"(heartbeat=30s) > path(rtt=5ms) > grpc(platform=linux)'),
  // grpc/grpc#28830.
  'grpc-equal': stackOf(
    'client(heartbeat=20s) > path(rtt=5ms) > grpc(MinTime=20s, PermitWithoutStream=true)',
  ),
  'ping-behind-envoy': stackOf('client(heartbeat=10s) > proxy "Envoy"(idle=1h) > grpc'),
  // nextcloud/HaRP#115: timeout client 30 s, and no timeout tunnel.
  harp: stackOf('client > haproxy(client=30s, pool=infinity) > none(platform=linux)'),
  'harp-ws': stackOf('client > path(rtt=4ms) > haproxy(client=30s) > ws(platform=linux)'),
  'http-jl': stackOf(
    'client "HTTP.jl"(pool=infinity) > path(rtt=10ms) > azure-lb > none(platform=linux)',
  ),
  'node-behind-alb': stackOf('client > path(rtt=1ms) > aws-alb > node(platform=linux)'),
  'node-65-behind-alb': stackOf('client > path(rtt=1ms) > aws-alb > node(keepAliveTimeout=65s)'),
  // nodejs/node#27363.
  'node-headers': stackOf(
    'client > path(rtt=1ms) > aws-alb > node(keepAliveTimeout=65s, headersTimeout=40s)',
  ),
  'node-far-away': stackOf(
    'client "ALB far away"(pool=60s) > path(rtt=200ms) > node(keep_alive=60050ms)',
  ),
  // supabase/realtime-js#94, #133: what the server sends puts the client's heartbeat off.
  supabase: stackOf('client(heartbeat=30s, heartbeat_put_off_by=received) > phoenix(sends=29s)'),
  'supabase-quiet': stackOf('client(heartbeat=30s, heartbeat_put_off_by=received) > phoenix'),
  // mattermost/mattermost#17197: websockets, 20 s and 20 s, against a client that answers no ping.
  'no-pong': stackOf('client "the driver"(never_sends=pong) > websockets(ping_interval=20s)'),
  // boazsegev/iodine#123: pings are answered; only the pongs of the application are not.
  'no-pong-of-the-application': stackOf(
    'client(never_sends=application-pong) > websockets(platform=linux)',
  ),
  // nginx/nginx-gateway-fabric#5524: 136 reloads in ten minutes, worker_shutdown_timeout 60 s.
  'nginx-reloads': stackOf(
    'client > nginx(reload_every=4400ms, worker_shutdown_timeout=60s) > ws(platform=linux)',
  ),
  'nginx-reloads-unlimited': stackOf('client > nginx(reload_every=4400ms) > ws(platform=linux)'),
  // uilibs/uiprotect#1070: every 20 minutes on the clock.
  'every-20-minutes': stackOf('client > proxy(reload_every=20m) > ws(platform=linux)'),
  // dotnet/aspnetcore: Kestrel's 130 s against a pool of 140 s.
  kestrel: stackOf('client(pool=140s) > kestrel'),
  mysql: stackOf('client "mysql2 pool"(pool=infinity) > none(keep_alive=5s)'),
  // almond-bot/axol#249.
  uvicorn: stackOf('client > ./axol(close_timeout=10s) @ systemd(TimeoutStopSec=240s)', { axol }),
};
