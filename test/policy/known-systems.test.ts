/**
 * B of systems whose own sources give the arithmetic: a peer that vanishes while nobody was sending, reply time 0. Each row names
 * what the preset says it is from, and a condition that it says it holds under.
 */
import { describe, expect, test } from 'vitest';
import { bounds } from '../../model/bounds/index.ts';
import { presetNamed, selectPolicies, type Policy } from '../../model/policy/index.ts';
import { fault, withRtt, expectBound } from '../bounds/scenarios.ts';

const gone = withRtt(fault(), 0);

function one(selector: string): Policy {
  const found = selectPolicies(selector);
  const policy = found.ok ? found.value[0] : undefined;
  if (policy === undefined) throw new Error(`no policy ${selector}`);
  return policy;
}

/**
 * Timers of the kernel at 250 Hz run out on the buckets of the timer wheel: 1 s as 1.024 s, 10 s as 10.24 s, 13 s as 13.056 s, 15 s
 * as 15.104 s, 75 s as 75.776 s; the first of a row is up to one bucket late: 0.256 s below 16 s, 2.048 s below 131 s, then 16.384 s.
 */
const GO_PROBES_S = 9 * 15.104;
const SYSTEM_S = 7_200 + 131.072 + 9 * 75.776;

type Row = readonly [selector: string, seconds: number | null, from: string, condition: string];

const servers: readonly Row[] = [
  ['jetty-websocket', 30, 'WebSocketConstants.java', 'Jetty 12'],
  ['tomcat-websocket', null, 'WsSession.java', 'RemoteEndpoint.Basic'],
  // A > at looks 10 s apart.
  ['tomcat-websocket(maxIdleTimeout=60s)', 60 + 10, 'WsSession.java', 'RemoteEndpoint.Basic'],
  ['ktor', null, 'PingPong.kt', 'one ping at a time'],
  ['ktor(pingPeriod=30s)', 30 + 15, 'PingPong.kt', 'a period after the answer'],
  ['daphne', 20 + 30, 'daphne/server.py', 'Autobahn'],
  ['hypercorn', null, 'ws_stream.py', 'asyncio'],
  ['hypercorn(read_timeout=60s)', 60, 'tcp_server.py', 'a WebSocket'],
  ['bandit', 60, 'server_config.ex', 'no timeout of the upgrade'],
  // A look that passes over what has spoken, one that pings, one that prunes.
  ['reverb', 3 * 60, 'PruneStaleConnections.php', 'ping_interval is 60 s'],
  // Who has just opened is passed over, too.
  ['reverb(activity_timeout=off)', 3 * 60, 'PingInactiveConnections.php', 'pusher-js'],
  ['graphql-ws', 2 * 12, 'src/use/ws.ts', 'useServer'],
  ['grpc-java', 7_200 + 20, 'KeepAliveManager.java', 'a call is open'],
  ['tonic', null, 'tonic/src/transport/server/mod.rs', 'the transport of tonic'],
  ['tonic(http2_keepalive_interval=30s)', 30 + 20, 'src/proto/h2/ping.rs', 'tonic itself'],
  // Two checks of 15 s and its bucket after 30 s and its own; a ping of gRPC that comes in between has 20 s itself.
  ['etcd', 30 + 2.048 + 15.256 + 20, 'keepalive_listener.go', 'Go 1.23 or later'],
  ['mysql', SYSTEM_S, 'sql/sql_connect.cc', 'interactive_timeout'],
  ['mongod', 300 + 16.384 + 9 * 1.024, 'socket_utils.cpp', 'tcp_keepalive_probes is 9'],
  ['kafka', 600, 'SocketServerConfigs.java', 'the oldest'],
  // Three looks in a row, 30 s apart.
  ['emqx', 3 * 30, 'emqx_keepalive.erl', 'PINGREQ'],
  ['go-http-server', 15.256 + GO_PROBES_S, 'src/net/http/server.go', 'not upgraded'],
  ['puma', 65, 'lib/puma/configuration.rb', 'Puma 7'],
  ['gunicorn', 2, 'gunicorn/config.py', 'gthread'],
  ['httpd', 5, 'include/httpd.h', 'KeepAlive On'],
  ['jetty', 30, 'AbstractConnector.java', 'not upgraded'],
  ['tomcat', 20 + 1, 'conf/server.xml', 'NIO'],
];

const clients: readonly Row[] = [
  ['websocket-client', 30 + 2.048 + 3 * 10.24, 'websocket/_socket.py', 'run_forever'],
  ['websocket-client(ping_interval=25s,ping_timeout=10s)', 25 + 10, '_app.py', 'ping_timeout'],
  ['ktor-client', null, 'WebSockets.kt', 'CIO'],
  ['ktor-client(pingInterval=20s)', 20 + 2 * 20, 'WebSockets.kt', 'CIO'],
  ['tokio-tungstenite', null, 'src/protocol/mod.rs', 'nothing of the application'],
  ['react-native', null, 'WebSocketModule.kt', 'Android'],
  ['react-native-ios', null, 'SRWebSocket.m', 'foreground'],
  ['urlsession', null, 'URLSessionConfiguration.swift', 'not a WebSocket task'],
  ['pusher', 120 + 30, 'connection_manager.ts', 'the WebSocket transport'],
  ['pusher(serverActivityTimeout=30s)', 30 + 30, 'config/reverb.php', 'what the server says'],
  ['graphql-ws-client', null, 'src/client.ts', 'graphql-transport-ws'],
  ['graphql-ws-client(keepAlive=10s,pongTimeout=5s)', 10 + 5, 'src/client.ts', 'Ping and Pong'],
  ['lettuce', 13.256 + 3 * 13.056, 'SocketOptions.java', 'Java 11'],
  // Evicted by the first run after 60 s.
  ['jedis', 60 + 30, 'ConnectionPoolConfig.java', 'minIdle 0'],
  ['node-redis', 30 + 2.048 + 10 * 1.024, 'lib/client/socket.ts', 'Node 20'],
  ['kafka-clients', 540, 'ProducerConfig.java', 'producer or consumer'],
  ['librdkafka', null, 'CONFIGURATION.md', 'not brokers of Azure'],
  ['librdkafka(socket.keepalive.enable=true)', SYSTEM_S, 'rdkafka_transport.c', 'producer'],
  ['kafkajs', 60 + 2.048 + 10 * 1.024, 'socketFactory.js', 'Node 20'],
  ['mqtt.js', 60 + 30, 'KeepaliveManager.ts', 'MQTT.js 5.10'],
  ['paho', 60 + 60, 'src/paho/mqtt/client.py', 'publishes nothing'],
  // Nine reads of a quarter of 60 s.
  ['rabbitmq-java-client', 9 * 15, 'AMQConnection.java', 'agreed on 60 s'],
  ['nats.js', 3 * 120, 'core/src/heartbeats.ts', 'the transport for Node'],
  ['grpc-java-client', SYSTEM_S, 'NettyChannelBuilder.java', 'epoll'],
  ['grpc-java-client(keepAliveTime=30s)', 30 + 20, 'KeepAliveManager.java', 'a call is open'],
  ['tonic-client', null, 'channel/endpoint.rs', 'activeCalls'],
  ['go-http-client', 90, 'src/net/http/transport.go', 'http.DefaultTransport'],
  [
    'go-http-client(IdleConnTimeout=off)',
    30 + 2.048 + GO_PROBES_S,
    'src/net/dial.go',
    'Go 1.23 or later',
  ],
  // The look after the first lost probe is past the user timeout of 30 s.
  ['reqwest', 15.256 + 15.104, 'src/async_impl/client.rs', 'TCP_USER_TIMEOUT'],
  ['hyper', 90, 'src/client/legacy/client.rs', 'build_http'],
  ['pgjdbc', null, 'PGProperty.java', 'setQueryTimeout'],
  ['pgjdbc(tcpKeepAlive=true)', SYSTEM_S, 'core/PGStream.java', 'setQueryTimeout'],
  ['asyncpg', 300, 'asyncpg/pool.py', 'create_pool'],
  ['go-mysql', 15.256 + GO_PROBES_S, 'conncheck.go', 'SetConnMaxLifetime'],
];

const proxies: readonly Row[] = [
  ['aws-api-gateway', 600, 'Quotas', 'a WebSocket API'],
  ['aws-clb', 60, 'Classic Load Balancer', 'TCP or SSL'],
  ['gcp-alb', 30, 'ingress-gce', 'upgraded'],
  ['azure-application-gateway', 240, 'application-gateway-faq.yml', 'the v2 SKU'],
  ['fly-proxy', 60, 'superfly/docs', 'upgraded'],
  ['ingress-nginx', 60, 'nginx.tmpl', 'no annotation'],
  ['nginx-stream', 600, 'ngx_stream_proxy_module', 'stream {}'],
  ['traefik', 180 + 16.384 + GO_PROBES_S, 'server_entrypoint_tcp.go', 'the side of the client'],
  ['caddy', 15.256 + GO_PROBES_S, 'reverseproxy.go', 'the side of the client'],
  ['mod_proxy', 60, 'proxy_util.c', 'httpd 2.4.47 or later'],
  ['cloudflared', 30 + 2.048 + GO_PROBES_S, 'ingress/config.go', 'the side of the origin'],
  ['istio', null, 'listener_builder.go', 'HTTP'],
  ['istio(httpStreamIdleTimeout=300s)', 300, 'connection_settings.go', 'upgraded'],
  ['envoy-tcp', 3_600, 'timeouts.rst', 'tcp_proxy'],
  // The next look is 75 s after any probe, and the one after a lost probe is past 30 s.
  ['linkerd', 2 * 75.776, '_proxy.tpl', 'leaves for another'],
];

/** What bears on a drain alone: no deadline of its own finds a ghost. */
const supervisors: readonly Row[] = [
  ['heroku', null, 'Dyno Shutdown Behavior', 'waits for its connections'],
  ['fly-machine', null, 'configuration.html.markerb', 'after the signal'],
  ['cloud-run', null, 'Container runtime contract', 'after the signal'],
  ['nomad', null, 'nomad/structs/structs.go', 'after the signal'],
  ['pm2', null, 'constants.js', 'after the signal'],
  ['supervisord', null, 'supervisor/options.py', 'after the signal'],
];

describe.each([
  ['servers', servers],
  ['clients and pools', clients],
  ['proxies', proxies],
  ['supervisors', supervisors],
] as const)('%s', (_, rows) => {
  test.each(rows)('%s: %s s, from %s, where %s', (selector, seconds, from, condition) => {
    const preset = presetNamed(selector);
    if (!preset.ok) throw new Error(JSON.stringify(preset.issues));
    const { policy, assumes } = preset.value;
    expect(policy.source).toContain(from);
    expect(assumes.join('; ')).toContain(condition);
    expectBound(
      bounds(one(selector), gone).decided,
      seconds === null ? null : Math.round(1_000 * seconds),
    );
  });
});

test('a supervisor waits as long as its own source says', () => {
  const graceOf = (name: string): number | null | undefined =>
    one(name).mechanisms.flatMap((each) => (each.kind === 'drain' ? [each.deadlineMs] : []))[0];
  expect(supervisors.map(([name]) => graceOf(name))).toEqual([
    30_000, 5_000, 10_000, 5_000, 1_600, 10_000,
  ]);
});
