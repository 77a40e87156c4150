/** Every built-in policy, in the order in which lists show them: first the founding ones, then by what they guard. */
import type { Preset } from './definition.ts';
import { actionCableClient } from './clients/action-cable-client.ts';
import { aiohttpClientWs } from './clients/aiohttp-client-ws.ts';
import { libpq } from './clients/libpq.ts';
import { natsGo } from './clients/nats-go.ts';
import { okHttp } from './clients/okhttp.ts';
import { goRedis } from './clients/go-redis.ts';
import { ioredis } from './clients/ioredis.ts';
import { redisPy } from './clients/redis-py.ts';
import { sshClient } from './clients/ssh.ts';
import { pgxPool } from './pools/pgx-pool.ts';
import { slackSocketMode } from './clients/slack-socket-mode.ts';
import { undici } from './clients/undici.ts';
import { mysql2Pool } from './pools/mysql2-pool.ts';
import { actionCable } from './servers/action-cable.ts';
import { javaWebSocket } from './servers/java-websocket.ts';
import { jupyterServer } from './servers/jupyter-server.ts';
import { sshd } from './servers/sshd.ts';
import { tornado } from './servers/tornado.ts';
import { uvicorn } from './servers/uvicorn.ts';
import { amqplib } from './clients/amqplib.ts';
import { grpcJsClient } from './clients/grpc-js-client.ts';
import { mongodbNode } from './clients/mongodb-node.ts';
import { pika } from './clients/pika.ts';
import { grpcJsServer } from './servers/grpc-js-server.ts';
import { engineIoV4Client } from './clients/engine-io-v4-client.ts';
import { grpcGoClient } from './clients/grpc-go-client.ts';
import { phoenixClient } from './clients/phoenix-client.ts';
import { signalRClient } from './clients/signalr-client.ts';
import { wsClientReadme } from './clients/ws-client-readme.ts';
import { awsEcsStop } from './drains/aws-ecs-stop.ts';
import { dockerStop } from './drains/docker-stop.ts';
import { k8sTermination } from './drains/k8s-termination.ts';
import { systemdStop } from './drains/systemd-stop.ts';
import { chatServerPresets } from './founding/chat-server.ts';
import { watchdogPresets } from './founding/dead-client-watchdog.ts';
import { drainPresets } from './founding/drain.ts';
import { grpcPresets } from './founding/grpc.ts';
import { kernelPresets } from './founding/kernel-only.ts';
import { nonePresets } from './founding/none.ts';
import { wsHeartbeatPresets } from './founding/ws-heartbeat.ts';
import { goNet } from './kernel/go-net.ts';
import { linuxKeepaliveDefault } from './kernel/linux-keepalive-default.ts';
import { linuxRetransmit } from './kernel/linux-retransmit.ts';
import { hikariCp } from './pools/hikaricp.ts';
import { nodePostgresPool } from './pools/node-postgres-pool.ts';
import { pgBouncer } from './pools/pgbouncer.ts';
import { pgBouncerServerPool } from './pools/pgbouncer-server-pool.ts';
import { awsAlb } from './proxies/aws-alb.ts';
import { cloudflare } from './proxies/cloudflare.ts';
import { herokuRouter } from './proxies/heroku-router.ts';
import { envoy } from './proxies/envoy.ts';
import { haproxyTunnel } from './proxies/haproxy-tunnel.ts';
import { nginxWebSocket } from './proxies/nginx-websocket.ts';
import { aiohttpServerWs } from './servers/aiohttp-server-ws.ts';
import { bunServe } from './servers/bun-serve.ts';
import { centrifuge } from './servers/centrifuge.ts';
import { coderWebSocket } from './servers/coder-websocket.ts';
import { cowboyWs } from './servers/cowboy-ws.ts';
import { denoUpgradeWebSocket } from './servers/deno-upgrade-websocket.ts';
import { engineIoV4Server } from './servers/engine-io-v4-server.ts';
import { goHttp2 } from './servers/go-http2.ts';
import { gorillaChat } from './servers/gorilla-chat.ts';
import { grpcGoServer } from './servers/grpc-go-server.ts';
import { kestrel } from './servers/kestrel.ts';
import { mqttMosquitto } from './servers/mqtt-mosquitto.ts';
import { natsServer } from './servers/nats-server.ts';
import { natsWriteDeadline } from './servers/nats-write-deadline.ts';
import { nodeHttp } from './servers/node-http.ts';
import { phoenixServerClient } from './servers/phoenix-server-client.ts';
import { postgresServer } from './servers/postgres-server.ts';
import { rabbitMqAmqp091 } from './servers/rabbitmq-amqp091.ts';
import { redis } from './servers/redis.ts';
import { redisOutputBuffer } from './servers/redis-output-buffer.ts';
import { signalRSendTimeout } from './servers/signalr-send-timeout.ts';
import { signalRServer } from './servers/signalr-server.ts';
import { sockJsNode } from './servers/sockjs-node.ts';
import { springSimpleBroker } from './servers/spring-simple-broker.ts';
import { springWsSendLimits } from './servers/spring-ws-send-limits.ts';
import { uWebSockets } from './servers/uwebsockets.ts';
import { websocketsPyAsyncio } from './servers/websockets-py-asyncio.ts';
import { websocketsPySync } from './servers/websockets-py-sync.ts';
import { wsCloseTimer } from './servers/ws-close-timer.ts';
import { wsReadmeAliveFlag } from './servers/ws-readme-alive-flag.ts';
import { brokerClientPresets } from './clients/brokers.ts';
import { graphqlWsClient } from './clients/graphql-ws-client.ts';
import { httpClientPresets } from './clients/http-pools.ts';
import { kafkaClientPresets } from './clients/kafka.ts';
import { phonePresets } from './clients/phones.ts';
import { pusherJs } from './clients/pusher-js.ts';
import { redisClientPresets } from './clients/redis-others.ts';
import { websocketLibraryPresets } from './clients/websocket-libraries.ts';
import { supervisorPresets } from './drains/supervisors.ts';
import { sqlDriverPresets } from './pools/sql-drivers.ts';
import { cloudProxyPresets } from './proxies/clouds.ts';
import { ingressPresets } from './proxies/ingresses.ts';
import { meshPresets } from './proxies/meshes.ts';
import { databasePresets } from './servers/databases.ts';
import { emqx } from './servers/emqx.ts';
import { grpcOtherPresets } from './servers/grpc-others.ts';
import { httpServerPresets } from './servers/http-keep-alive.ts';
import { websocketServerPresets } from './servers/websocket-others.ts';

export const catalogue: readonly Preset[] = [
  ...nonePresets,
  ...chatServerPresets,
  ...wsHeartbeatPresets,
  ...watchdogPresets,
  ...kernelPresets,
  ...grpcPresets,
  ...drainPresets,
  wsReadmeAliveFlag,
  wsCloseTimer,
  engineIoV4Server,
  uWebSockets,
  bunServe,
  denoUpgradeWebSocket,
  websocketsPyAsyncio,
  websocketsPySync,
  aiohttpServerWs,
  cowboyWs,
  phoenixServerClient,
  signalRServer,
  signalRSendTimeout,
  springSimpleBroker,
  springWsSendLimits,
  sockJsNode,
  gorillaChat,
  coderWebSocket,
  centrifuge,
  natsServer,
  natsWriteDeadline,
  rabbitMqAmqp091,
  mqttMosquitto,
  redis,
  redisOutputBuffer,
  postgresServer,
  grpcGoServer,
  grpcJsServer,
  goHttp2,
  nodeHttp,
  kestrel,
  uvicorn,
  tornado,
  jupyterServer,
  javaWebSocket,
  actionCable,
  sshd,
  ...websocketServerPresets,
  ...grpcOtherPresets,
  ...databasePresets,
  emqx,
  ...httpServerPresets,
  wsClientReadme,
  engineIoV4Client,
  phoenixClient,
  signalRClient,
  grpcGoClient,
  grpcJsClient,
  aiohttpClientWs,
  okHttp,
  slackSocketMode,
  actionCableClient,
  natsGo,
  ioredis,
  redisPy,
  goRedis,
  libpq,
  mongodbNode,
  amqplib,
  pika,
  undici,
  sshClient,
  ...websocketLibraryPresets,
  ...phonePresets,
  pusherJs,
  graphqlWsClient,
  ...redisClientPresets,
  ...kafkaClientPresets,
  ...brokerClientPresets,
  ...httpClientPresets,
  nginxWebSocket,
  haproxyTunnel,
  envoy,
  awsAlb,
  cloudflare,
  herokuRouter,
  ...cloudProxyPresets,
  ...ingressPresets,
  ...meshPresets,
  pgBouncer,
  pgBouncerServerPool,
  hikariCp,
  nodePostgresPool,
  mysql2Pool,
  pgxPool,
  ...sqlDriverPresets,
  goNet,
  linuxKeepaliveDefault,
  linuxRetransmit,
  k8sTermination,
  systemdStop,
  dockerStop,
  awsEcsStop,
  ...supervisorPresets,
];
