/** Living clients and servers that stand still for a while. None may be reaped. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy } from './settings.ts';

const THROTTLE_SOURCE =
  'Chromium, intensive throttling of chained timers in tabs hidden for five minutes; phoenixframework/phoenix#4307, nextcloud/text#8005';

export const liveHostScenarios = [
  defineScenario({
    kind: 'live',
    name: 'live-gc-pause-10s',
    title: "The client's process stands still for 10 s, as in a garbage collection",
    claim: 'A client that does not answer for 5 s is dead.',
    truth: 'It is collecting garbage, or somebody has set a breakpoint.',
    source: 'sockets that time out during a full collection; socketio/socket.io#3376',
    tags: ['live', 'busy', 'paused'],
    reaches: 'endured',
    load: busy,
    silence: { kind: 'process-pause', lengthMs: '10s' },
    watchMs: '3m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-tab-throttled',
    title: 'A hidden tab whose timers run once a minute, for 10 min; it sends every 20 s otherwise',
    claim: 'A tab sends its heartbeat as long as it is open.',
    truth:
      'Once a minute: against a limit of 60 s that is a race. What the page does because it is told something is not throttled.',
    source: THROTTLE_SOURCE,
    tags: ['live', 'busy', 'browser', 'throttled', 'client-sends'],
    reaches: 'timer-put-off',
    load: { kind: 'periodic', bytes: 64, everyMs: '20s', direction: 'client' },
    silence: { kind: 'timers-throttled', everyMs: '60s', lengthMs: '10m' },
    watchMs: '15m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-tab-frozen',
    title: 'A tab that the browser freezes for 5 min; its network service answers pings',
    claim: 'The user has left.',
    truth:
      'The user comes back to a page that goes on where it was. WebSocket pings survive it, heartbeats in the page do not.',
    source: 'Page Lifecycle API; Chromium, net/websockets/websocket_channel.cc',
    tags: ['live', 'idle', 'browser', 'frozen-tab'],
    reaches: 'endured',
    silence: { kind: 'page-freeze', lengthMs: '5m' },
    watchMs: '10m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-laptop-asleep',
    title: 'A laptop asleep for 10 min wakes where it stopped',
    claim: 'The connection is still there afterwards.',
    truth:
      'On the laptop, yes. The server keeps it only if nothing of its own has to be answered within the 10 min.',
    source: 'clock_gettime(2), CLOCK_MONOTONIC: the clock of the sleeping side stands',
    tags: ['live', 'idle', 'laptop', 'sleep'],
    reaches: 'endured',
    silence: { kind: 'host-sleep', lengthMs: '10m' },
    watchMs: '30m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-quiet-8h',
    title: 'Nothing is wrong, and nobody says anything for 8 hours',
    claim: 'A connection that is quiet for hours is dead.',
    truth: 'It is a quiet one. Every probe would be answered.',
    source: 'An open document, a terminal left overnight',
    tags: ['live', 'idle', 'quiet'],
    reaches: 'endured',
    silence: { kind: 'none' },
    watchMs: '8h',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-loop-stall',
    title: "The server's event loop stalls for 20 s; pongs and messages wait in its sockets",
    claim: 'Timers and sockets are served in the order in which things happened.',
    truth:
      'Due timers come first, before anything is read: a reaper that does not look at the world again judges by the world before the stall. All clients at once.',
    source: 'bigbluebutton/bigbluebutton#10826; aaugustin/websockets#625',
    tags: ['live', 'busy', 'starved', 'stall', 'client-sends'],
    reaches: 'unread-at-server',
    load: { ...busy, direction: 'both' },
    silence: { kind: 'server-stall', lengthMs: '20s' },
    watchMs: '3m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-pinging-client',
    title: 'A client that pings every 10 s of its own, on an otherwise quiet connection',
    claim: 'A client may ping as often as it likes.',
    truth:
      'Some servers count: gRPC ends a connection with too_many_pings after a third ping that came too soon.',
    source: 'gRFC A8; golang/go#70575, grpc/grpc#33661',
    tags: ['live', 'idle', 'client-sends'],
    reaches: 'endured',
    client: { pingEveryMs: '10s' },
    silence: { kind: 'none' },
    watchMs: '1h',
  }),
];
