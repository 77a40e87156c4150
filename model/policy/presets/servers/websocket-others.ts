/** WebSocket servers of the JVM, of Python's ASGI, of Elixir, PHP and Node. */
import { definePreset, type Preset } from '../definition.ts';
import { ktorPing } from '../clients/websocket-libraries.ts';
import { given } from '../given.ts';
import { AGE_MS, IDLE_MS, PATIENCE_MS, time, timeOrOff } from '../options.ts';
import { nodeNet } from '../runtimes/node.ts';
import { jvm, pythonAsyncio, ranch } from '../runtimes/others.ts';
import { setsNothing } from '../runtimes/runtime.ts';

const jettyWebSocket = definePreset({
  name: 'jetty-websocket',
  aliases: ['jetty-ws', 'javalin'],
  tags: ['server'],
  title: 'Jetty WebSocket: idleTimeout 30 s, no pings',
  claim: 'Jetty keeps a WebSocket open while both ends are well.',
  truth:
    '30 s in which neither side sends a byte end it with 1001, of a healthy client that has nothing to say as well: somebody has to ping. What the server sends counts, so a server that talks never finds a ghost by it.',
  source:
    'jetty/jetty.project@acf33259281, jetty-core/jetty-websocket/jetty-websocket-core-common/src/main/java/org/eclipse/jetty/websocket/core/WebSocketConstants.java, WebSocketConnection.java (onIdleExpired), jetty-io/SocketChannelEndPoint.java (notIdle)',
  assumes: ['Jetty 12'],
  runtime: jvm,
  notModelled: ['writeTimeout, off by default'],
  options: {
    idleTimeout: timeOrOff('30s', 'Silence of both sides.', { bare: 'ms', plausibleMs: IDLE_MS }),
  },
  mechanisms: ({ idleTimeout }) =>
    given(idleTimeout, (timeoutMs) => ({
      kind: 'receive-deadline',
      timeoutMs,
      life: ['any-byte', 'send-accepted', 'drained'],
      verdict: 'close',
    })),
});

/** WsWebSocketContainer: called once a second, looks every tenth time. */
const TOMCAT_LOOKS = { everyMs: 10_000, direction: 'up', grid: 'process' } as const;

const tomcatWebSocket = definePreset({
  name: 'tomcat-websocket',
  aliases: ['tomcat-ws'],
  tags: ['server'],
  title: 'Tomcat WebSocket: no idle limit, no pings; a blocking send has 20 s',
  claim: 'connectionTimeout, 20 s, closes an idle WebSocket.',
  truth:
    'It does not apply after the upgrade: maxIdleTimeout is 0, and an idle ghost stands for ever. Where it is set it is looked at every 10 s, and what the server sends counts for it; READ_IDLE_TIMEOUT_MS asks the client alone.',
  source:
    'apache/tomcat@84ac9af072, java/org/apache/tomcat/websocket/WsSession.java (checkExpiration), Constants.java, webapps/docs/web-socket-howto.xml',
  assumes: ['messages are sent with the blocking RemoteEndpoint.Basic'],
  runtime: jvm,
  options: {
    maxIdleTimeout: timeOrOff('off', 'Nothing read and nothing written for so long.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    READ_IDLE_TIMEOUT_MS: timeOrOff('off', 'Nothing read for so long.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
    BLOCKING_SEND_TIMEOUT: timeOrOff('20s', 'How long a send may be blocked.', {
      bare: 'ms',
      plausibleMs: PATIENCE_MS,
    }),
    SESSION_CLOSE_TIMEOUT: time('30s', 'Patience for the Close frame.', { bare: 'ms' }),
  },
  mechanisms: (set) => [
    ...given(set.READ_IDLE_TIMEOUT_MS, (timeoutMs) => ({
      kind: 'receive-deadline',
      timeoutMs,
      life: ['any-byte'],
      granularity: TOMCAT_LOOKS,
      verdict: 'close',
    })),
    ...given(set.maxIdleTimeout, (timeoutMs) => ({
      kind: 'receive-deadline',
      timeoutMs,
      life: ['any-byte', 'send-accepted'],
      granularity: TOMCAT_LOOKS,
      verdict: 'close',
    })),
    ...given(set.BLOCKING_SEND_TIMEOUT, (timeoutMs) => ({ kind: 'write-deadline', timeoutMs })),
    { kind: 'close-handshake', timeoutMs: set.SESSION_CLOSE_TIMEOUT },
  ],
});

const ktorServer = definePreset({
  name: 'ktor-server-ws',
  aliases: ['ktor', 'ktor-server'],
  tags: ['server'],
  title: 'Ktor server WebSockets: pingPeriod off, timeout 15 s',
  claim: 'timeout, 15 s, finds a client that has gone.',
  truth:
    'It is the patience with a ping, and nothing pings until pingPeriod is set: an idle ghost stands for ever. With 30 s it stands 15 s to 45 s; sending the ping is part of the 15 s, so a blocked send path counts.',
  source:
    'ktorio/ktor@ef92e5537d, ktor-server/ktor-server-plugins/ktor-server-websockets/common/src/io/ktor/server/websocket/WebSockets.kt, ktor-shared/ktor-websockets/common/src/io/ktor/websocket/PingPong.kt',
  assumes: ['one ping at a time, the next a period after the answer'],
  runtime: jvm,
  notModelled: ['the Close frame with 1011 that goes before'],
  options: {
    pingPeriod: timeOrOff('off', 'From a pong to the next ping.', { bare: 'ms' }),
    timeout: time('15s', 'Patience for the pong, from when the ping is to be sent.', {
      bare: 'ms',
    }),
  },
  mechanisms: (set) => given(set.pingPeriod, (ms) => ktorPing(ms, set.timeout)),
});

const daphne = definePreset({
  name: 'daphne',
  aliases: ['channels', 'django-channels'],
  tags: ['server'],
  title: 'Daphne: ping_interval 20 s, ping_timeout 30 s, websocket_timeout 24 h',
  claim: 'A client that has gone is noticed after 20 s.',
  truth:
    '30 s after a ping that nothing answers, 30 s to 50 s after the client is gone; any byte is an answer. After a day every WebSocket is closed.',
  source:
    'django/daphne@c19f2f4, daphne/server.py, daphne/ws_protocol.py (check_timeouts); crossbario/autobahn-python@e9eebbe6, src/autobahn/websocket/protocol.py (autoPingRestartOnAnyTraffic)',
  assumes: ['an Autobahn of 2020 or later, where any byte answers; before, only the pong did'],
  runtime: setsNothing('Twisted', 'django/daphne@c19f2f4, daphne/ws_protocol.py'),
  notModelled: ['the clocks are looked at every 2 s: a ping leaves up to 2 s later'],
  options: {
    ping_interval: time('20s', 'Time between two pings.', { bare: 's' }),
    ping_timeout: time('30s', 'Patience for any byte.', { bare: 's' }),
    websocket_timeout: timeOrOff('24h', 'A WebSocket is closed at this age.', {
      bare: 's',
      plausibleMs: AGE_MS,
    }),
  },
  mechanisms: (set) => [
    {
      kind: 'ping',
      intervalMs: set.ping_interval,
      after: 'last-ping',
      replyTimeoutMs: set.ping_timeout,
      replyClock: 'enqueued',
      life: ['any-byte'],
    },
    ...given(set.websocket_timeout, (maxMs) => ({ kind: 'age', maxMs })),
  ],
});

const hypercorn = definePreset({
  name: 'hypercorn',
  aliases: ['quart'],
  tags: ['server'],
  title: 'Hypercorn: websocket_ping_interval off, read_timeout off',
  claim: 'websocket_ping_interval finds a client that has gone.',
  truth:
    'It only sends pings; nobody waits for the pong. What judges is read_timeout, time without a byte, and it is off: an idle ghost stands for ever. Both together do: with 20 s and 60 s a ghost stands 40 s to 60 s.',
  source:
    'pgjones/hypercorn@0e2311f, src/hypercorn/config.py, src/hypercorn/protocol/ws_stream.py (_send_pings), src/hypercorn/asyncio/tcp_server.py',
  assumes: ['a WebSocket on asyncio'],
  runtime: pythonAsyncio,
  notModelled: ['keep_alive_timeout, 5 s: between two requests of HTTP'],
  options: {
    websocket_ping_interval: timeOrOff('off', 'Time between two pings.', { bare: 's' }),
    read_timeout: timeOrOff('off', 'Time without a byte.', { bare: 's', plausibleMs: IDLE_MS }),
  },
  mechanisms: (set) => [
    ...given(set.websocket_ping_interval, (intervalMs) => ({
      kind: 'ping',
      intervalMs,
      after: 'last-ping',
      replyTimeoutMs: null,
      life: ['pong'],
    })),
    ...given(set.read_timeout, (timeoutMs) => ({
      kind: 'receive-deadline',
      timeoutMs,
      life: ['any-byte'],
    })),
  ],
});

const bandit = definePreset({
  name: 'bandit',
  aliases: ['thousand-island'],
  tags: ['server'],
  title: 'Bandit: 60 s without a byte of the client, no pings',
  claim: 'A WebSocket behind Bandit stands as long as its ends want.',
  truth:
    'Whatever says nothing for 60 s is closed with 1002, ghost or healthy: the heartbeat of the client, every 30 s in Phoenix, is what keeps it. A send that stays blocked for 30 s closes it as well.',
  source:
    'mtrudel/bandit@e022cd3, lib/bandit/websocket/handler.ex, connection.ex (handle_timeout); mtrudel/thousand_island@8f04692, lib/thousand_island/server_config.ex, transports/tcp.ex',
  assumes: ['no timeout of the upgrade itself, so that read_timeout of Thousand Island holds'],
  runtime: {
    ...ranch,
    name: 'Thousand Island (Erlang gen_tcp)',
    source: 'mtrudel/thousand_island@8f04692, lib/thousand_island/transports/tcp.ex',
  },
  options: {
    read_timeout: timeOrOff('60s', 'Time without a byte of the client.', {
      bare: 'ms',
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: ({ read_timeout }) =>
    given(read_timeout, (timeoutMs) => ({
      kind: 'receive-deadline',
      timeoutMs,
      life: ['any-byte'],
      verdict: 'flush',
    })),
});

/** StartServer.php, ensureStaleConnectionsAreCleaned: addPeriodicTimer(60). */
const REVERB_TICK_MS = 60_000;

const reverb = definePreset({
  name: 'reverb',
  aliases: ['laravel-reverb'],
  tags: ['server'],
  title: 'Laravel Reverb: a look every 60 s, ping_interval 60 s',
  claim: 'A client that has gone is pruned after a minute.',
  truth:
    'The first look after a minute of silence pings, the next one prunes: 60 s to 120 s for a client that only answers. pusher-js speaks up after 30 s of silence itself, and what has spoken, or opened, is passed over once: 90 s to 180 s. A client that never answers is pruned 2 to 3 min after it opened.',
  source:
    'laravel/reverb@dca414f, src/Servers/Reverb/Console/Commands/StartServer.php, src/Jobs/PingInactiveConnections.php, PruneStaleConnections.php, src/Contracts/Connection.php, config/reverb.php',
  assumes: [
    'ping_interval is 60 s, as long as the look: another makes both of them matter',
    "the client is pusher-js or Laravel Echo, which is told activity_timeout; 'off' is one that only answers",
  ],
  runtime: setsNothing('ReactPHP', 'laravel/reverb@dca414f, src/Servers/Reverb'),
  notModelled: [
    'a pong that arrives within the second after its ping counts for the whole minute: now and then one look is passed over',
    'the error 4201 that is sent first',
  ],
  options: {
    activity_timeout: timeOrOff('30s', 'The client sends a ping after so long of silence.', {
      bare: 's',
    }),
  },
  mechanisms: () => [
    {
      kind: 'sweep',
      intervalMs: REVERB_TICK_MS,
      timer: 'shared',
      ping: true,
      life: ['pong', 'message'],
      skipAfter: ['message'],
      // Pusher/Server.php, open: touch().
      skipsFirst: true,
    },
  ],
  // {"event":"pusher:ping","data":{}}
  peerHeartbeat: ({ activity_timeout }) =>
    activity_timeout === null
      ? undefined
      : { everyMs: activity_timeout, bytes: 33, sentBy: 'application' },
});

const graphqlWs = definePreset({
  name: 'graphql-ws',
  aliases: ['graphql-ws-server'],
  tags: ['server'],
  title: 'graphql-ws on ws: keepAlive 12 s',
  claim: 'keepAlive, 12 s, is when a dead client is noticed.',
  truth:
    'It is the time between two pings and the patience with each: 12 s to 24 s. A client that pauses for 12 s at the wrong instant is terminated.',
  source: 'enisdenjo/graphql-ws@af4f5c9, src/use/ws.ts (useServer)',
  assumes: [
    'useServer of graphql-ws/use/ws; those for Bun, Deno and uWebSockets have the pings of these',
  ],
  runtime: nodeNet,
  notModelled: [
    'a pong stops the patience that began last alone: one that is more than 12 s late does not save its connection',
  ],
  options: { keepAlive: timeOrOff('12s', 'Between two pings, and patience.', { bare: 'ms' }) },
  mechanisms: ({ keepAlive }) =>
    // The next ping and the verdict on the one before are one instant.
    given(keepAlive, (intervalMs) => ({
      kind: 'sweep',
      intervalMs,
      timer: 'per-connection',
      ping: true,
      life: ['pong'],
    })),
});

export const websocketServerPresets: readonly Preset[] = [
  jettyWebSocket,
  tomcatWebSocket,
  ktorServer,
  daphne,
  hypercorn,
  bandit,
  reverb,
  graphqlWs,
];
