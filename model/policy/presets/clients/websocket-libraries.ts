/** WebSocket clients of Python, Kotlin and Rust. */
import { definePreset, fixedPreset, type Preset } from '../definition.ts';
import { given } from '../given.ts';
import { keepaliveOf } from '../kernel/keepalive-options.ts';
import { timeOrOff } from '../options.ts';
import { jvm, rust } from '../runtimes/others.ts';
import { setsNothing } from '../runtimes/runtime.ts';

const websocketClient = definePreset({
  name: 'websocket-client',
  tags: ['client'],
  title: 'websocket-client for Python: keepalive 30 s, 3 × 10 s; ping_interval 0',
  claim: 'run_forever() pings, so a dead server is noticed.',
  truth:
    'ping_interval is 0: nothing pings. What finds an idle ghost is the TCP keepalive that it sets, 30 + 3 × 10 = 60 s; one with unacknowledged data is left to tcp_retries2. With ping_interval but without ping_timeout nobody looks for the pong.',
  source:
    'websocket-client/websocket-client@e46a8fe, websocket/_app.py (_send_ping, check), websocket/_socket.py (DEFAULT_SOCKET_OPTION)',
  assumes: [
    'Linux; WebSocketApp.run_forever with its own dispatcher',
    'twice ping_timeout is not longer than ping_interval, else the next ping hides that the one before has no answer',
  ],
  runtime: setsNothing(
    "websocket-client's own socket options",
    'websocket-client/websocket-client@e46a8fe, websocket/_socket.py',
  ),
  notModelled: [
    'the age of a ping is looked at when select() returns, every ping_timeout: here at its instant, up to ping_timeout sooner',
    'the first ping leaves after two intervals',
  ],
  options: {
    ping_interval: timeOrOff('off', 'Time between two pings.', { bare: 's' }),
    ping_timeout: timeOrOff('off', 'Patience for a pong; off = nobody waits.', { bare: 's' }),
  },
  mechanisms: (set) => [
    ...given(set.ping_interval, (intervalMs) => ({
      kind: 'ping',
      intervalMs,
      replyTimeoutMs: set.ping_timeout,
      life: ['pong'],
    })),
    keepaliveOf(30_000, 10_000, 3),
  ],
});

const ktorClient = definePreset({
  name: 'ktor-client-ws',
  aliases: ['ktor-client'],
  tags: ['client'],
  title: 'Ktor client WebSockets: no pings until pingInterval is set',
  claim: 'The timeout of 15 s is that of the server.',
  truth:
    'A client waits twice its interval for the pong, and the interval runs from the pong before: with 20 s a ghost stands 40 s to 60 s. As it comes it never pings.',
  source:
    'ktorio/ktor@ef92e5537d, ktor-client/ktor-client-core/common/src/io/ktor/client/plugins/websocket/WebSockets.kt, ktor-shared/ktor-websockets/common/src/io/ktor/websocket/PingPong.kt',
  assumes: [
    'an engine that leaves WebSockets to Ktor (CIO); OkHttp and Darwin have pings of their own',
  ],
  runtime: jvm,
  options: { pingInterval: timeOrOff('off', 'From a pong to the next ping.', { bare: 'ms' }) },
  mechanisms: ({ pingInterval }) => given(pingInterval, (ms) => ktorPing(ms, 2 * ms)),
});

/** PingPong.kt, pinger: one ping at a time; sending it is part of the patience. */
export function ktorPing(intervalMs: number, replyTimeoutMs: number) {
  return {
    kind: 'ping',
    intervalMs,
    after: 'last-reply',
    replyTimeoutMs,
    replyClock: 'enqueued',
    life: ['matching-pong'],
  } as const;
}

const tungstenite = fixedPreset({
  name: 'tungstenite',
  aliases: ['tokio-tungstenite', 'axum'],
  tags: ['server', 'client'],
  title: 'tungstenite: no pings, no timeouts',
  claim: 'A WebSocket library notices that its peer has gone.',
  truth:
    'It answers pings and sends none, has no timeout, and sets TCP_NODELAY alone: an idle ghost stands for ever, one with unacknowledged data until tcp_retries2, some 16 min.',
  source: 'snapview/tungstenite-rs@c292171, src/protocol/mod.rs, src/client.rs',
  assumes: ['nothing of the application: tokio::time::timeout around its reads is its own'],
  runtime: rust,
  mechanisms: [],
});

export const websocketLibraryPresets: readonly Preset[] = [
  websocketClient,
  ktorClient,
  tungstenite,
];
