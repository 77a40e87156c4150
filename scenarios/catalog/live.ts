/** Clients that live and look dead, one for each rule that somebody shipped. None may be reaped. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy, saturated, WEDGED_SOURCE } from './settings.ts';

/** A little of both directions: each side sends every 20 s and they take turns, a message every 10 s. */
const chatter = { kind: 'periodic', bytes: 1_024, everyMs: '20s', direction: 'both' } as const;

export const liveScenarios = [
  defineScenario({
    kind: 'live',
    name: 'live-active',
    title: 'Nothing is wrong; the sides take turns, a message every 10 s for an hour',
    claim: 'No reaper touches an active client.',
    truth: 'True of every policy here but for those that end a connection at an age.',
    source: WEDGED_SOURCE,
    tags: ['founding', 'live', 'busy'],
    load: chatter,
    silence: { kind: 'none' },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-idle',
    title: 'Nothing is wrong; no traffic for an hour',
    claim: 'No reaper touches a healthy client.',
    truth:
      'None that asks before it judges. Rules about idleness and age close it in an orderly way, which is no false reap.',
    source: 'The cost of each heartbeat is measured against this hour',
    tags: ['founding', 'live', 'idle'],
    silence: { kind: 'none' },
    watchMs: '1h',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-active-then-close',
    title: 'An active client that leaves by the closing handshake after 5 minutes',
    claim: 'A watchdog on the TCP state mistakes it for a dead one.',
    truth: 'The server answers the handshake before the next look; nothing is left to reap.',
    source: WEDGED_SOURCE,
    tags: ['live', 'busy', 'close'],
    load: chatter,
    silence: { kind: 'none' },
    endsWith: 'close',
    watchMs: '5m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-paused-78s',
    title: 'The application acknowledges nothing for 78 s; its kernel drains',
    claim: 'A client that acknowledges nothing for 30 s is dead.',
    truth:
      'Its kernel acknowledges every byte. Only a rule on application acknowledgements reaps it.',
    source: WEDGED_SOURCE,
    tags: ['founding', 'live', 'busy', 'paused'],
    load: busy,
    silence: { kind: 'application-pause', lengthMs: '78s' },
    watchMs: '3m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-trickle-78s',
    title: 'Backpressured for 78 s; acknowledgements trickle',
    claim: 'A full send queue for 30 s means a dead client.',
    truth: 'Bytes are acknowledged every few seconds: it is slow, not dead.',
    source: WEDGED_SOURCE,
    tags: ['founding', 'live', 'saturated', 'trickle'],
    load: saturated,
    silence: { kind: 'trickle', bytes: 32_768, everyMs: '2s', lengthMs: '78s' },
    watchMs: '3m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-plateau-queue',
    title: 'The queue stays at one positive level for 75 s while bytes are acknowledged',
    claim: 'A queue that does not shrink is stuck.',
    truth:
      'The client reads as fast as the server writes; the bytes in the queue are always new ones.',
    source: WEDGED_SOURCE,
    tags: ['founding', 'live', 'busy', 'plateau'],
    load: { kind: 'periodic', bytes: 8_192, everyMs: '500ms', direction: 'server' },
    silence: {
      kind: 'plateau',
      queueBytes: 131_072,
      bytesPerSecond: 16_384,
      lengthMs: '75s',
    },
    watchMs: '3m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-starved-lock',
    title: "The server's own process is starved for 45 s; acknowledgements wait unread",
    claim: 'No acknowledgement for 30 s: the client is dead.',
    truth: 'It answered; the server did not look. Judge the world only after reading it.',
    source: WEDGED_SOURCE,
    tags: ['founding', 'live', 'busy', 'starved'],
    load: busy,
    silence: { kind: 'server-starved', lengthMs: '45s' },
    watchMs: '3m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-slow-reader',
    title:
      'Drains a steady 100 kB/s of a saturating sender for 75 s, answers each ping when it reaches it',
    claim: 'A ping that is not answered within its patience has no reader.',
    truth:
      'The ping stands behind megabytes already accepted by the kernel: 4 MiB at 100 kB/s delay it by 42 s.',
    source: 'socketio/socket.io#2666, #2769; net.ipv4.tcp_wmem, 4 MiB by default',
    tags: ['founding', 'live', 'saturated', 'slow'],
    load: saturated,
    silence: { kind: 'slow-reader', bytesPerSecond: 100_000, lengthMs: '75s' },
    watchMs: '2m',
  }),
  defineScenario({
    kind: 'live',
    name: 'live-slow-uploader',
    title: 'One 900 kB message at 20 kB/s; no pong can pass inside it',
    claim: 'A client that sends no pong for 40 s is dead.',
    truth:
      'It sends all the time: a WebSocket message of one frame cannot be interrupted (RFC 6455 §5.4), so the pong comes after 45 s.',
    source: 'RFC 6455 §5.4, §5.5; socketio/socket.io#1332',
    tags: ['founding', 'live', 'idle', 'slow'],
    silence: { kind: 'slow-uploader', messageBytes: 900_000, bytesPerSecond: 20_000 },
    watchMs: '2m',
  }),
  ...[9, 29].flatMap((seconds) => [
    defineScenario({
      kind: 'live',
      name: `live-outage-${seconds}s`,
      title: `Both directions cut for ${seconds} s, then healed; nobody was sending`,
      claim: 'An outage shorter than the patience is survived.',
      truth:
        "A ping lost in it comes back only with TCP's next retransmission, and these double: after the path has healed it may take as long again.",
      source: 'RFC 6298 §5.5 (back off the timer); a phone between two cells',
      tags: ['founding', 'live', 'idle', 'outage'],
      silence: { kind: 'outage', lengthMs: seconds * 1_000 },
      watchMs: '3m',
    }),
    defineScenario({
      kind: 'live',
      name: `live-outage-${seconds}s-busy`,
      title: `Both directions cut for ${seconds} s, then healed, while the server sends 1 KiB every 500 ms`,
      claim: 'TCP_USER_TIMEOUT ends what has been gone that long, and nothing else.',
      truth:
        'It is judged at retransmissions only, so one that falls within the outage decides. Pings stand behind the data that has to be sent again.',
      source: 'RFC 6298 §5.5; tcp(7), TCP_USER_TIMEOUT',
      tags: ['live', 'busy', 'outage'],
      load: busy,
      silence: { kind: 'outage', lengthMs: seconds * 1_000 },
      watchMs: '3m',
    }),
  ]),
];
