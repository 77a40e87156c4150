/** The client's process stops; its kernel still acknowledges until the receive buffer is full. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy, saturated, WEDGED_SOURCE } from './settings.ts';

/** Room for about 2.6 MB of payload, which is what was found stuck. */
const WEDGED_SEND_BUFFER_BYTES = 2_621_440;

const freeze = { kind: 'freeze' } as const;
const SOURCE = 'SIGSTOP of the client; RFC 9293 §3.8.6.1 (zero-window probing)';

const LOADS = { idle: { kind: 'idle' }, busy, saturated } as const;
const WHAT = {
  idle: 'nobody was sending',
  busy: 'the server sends 1 KiB every 500 ms',
  saturated: 'the server sends as fast as it may',
} as const;
const PAGE_TRUTH = {
  idle: 'For ever: no WebSocket ping tells a frozen page from a quiet one. Only a heartbeat in the page does.',
  busy: 'Until 131 kB are waiting for the page: then the network service stops reading, pings with the rest, and after the receive buffer the window closes.',
  saturated:
    'Only for moments: the pipe to the page is full at once, and the window closes behind it.',
} as const;

export const frozenScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'frozen-idle',
    title: "The client's process stops, its kernel still answers; nobody was sending",
    claim: 'Keepalive finds dead clients.',
    truth: 'The kernel of the frozen process answers every probe. Only an unanswered ping tells.',
    source: SOURCE,
    tags: ['founding', 'fault', 'frozen', 'idle'],
    reaches: 'nothing-in-flight',
    fault: freeze,
  }),
  defineScenario({
    kind: 'fault',
    name: 'frozen-busy',
    title: "The client's process stops while the server sends 1 KiB every 500 ms",
    claim: 'Unread data makes the sender stop at once.',
    truth:
      'About 126 kB are acknowledged before the window closes: a minute at this rate in which every byte looks delivered.',
    source: SOURCE,
    tags: ['founding', 'fault', 'frozen', 'busy'],
    reaches: 'zero-window',
    load: busy,
    fault: freeze,
  }),
  defineScenario({
    kind: 'fault',
    name: 'frozen-saturated',
    title: "The client's process stops while the server sends as fast as it may",
    claim: 'The kernel ends a connection that makes no progress.',
    truth:
      'Zero-window probes are answered, and the kernel goes on for ever, unless TCP_USER_TIMEOUT is set.',
    source: `${SOURCE}; net/ipv4/tcp_timer.c, tcp_probe_timer`,
    tags: ['founding', 'fault', 'frozen', 'saturated'],
    reaches: 'zero-window',
    load: saturated,
    fault: freeze,
  }),
  defineScenario({
    kind: 'fault',
    name: 'frozen-then-gone',
    title: 'Frozen while the server sends as fast as it may; 20 minutes later its host is gone',
    claim: 'The kernel gives a dead host up after tcp_retries2, a quarter of an hour.',
    truth:
      'Its probes of the shut window are two minutes apart by then, and it counts as many again: half an hour.',
    source: 'golang/go#31490; net/ipv4/tcp_timer.c, tcp_probe_timer',
    tags: ['fault', 'frozen', 'saturated'],
    reaches: 'zero-window',
    load: saturated,
    fault: { kind: 'frozen-then-gone', goneAfterMs: '20m' },
    watchMs: '2h',
  }),
  defineScenario({
    kind: 'fault',
    name: 'wedged-send-path',
    title: 'Frozen while saturated, on a server whose ping waits for the lock of the blocked send',
    claim: 'The library pings every client, so a dead one loses its seat.',
    truth:
      "The ping needs the lock that the blocked send holds. About 2.6 MB stay in the send queue, and 13 minutes later the session still holds the machine's only seat.",
    source: WEDGED_SOURCE,
    tags: ['founding', 'fault', 'frozen', 'saturated', 'wedged', 'seat'],
    reaches: 'send-buffer-full',
    load: saturated,
    server: { sendPath: 'locked', userQueueBytes: 0, seats: 1 },
    kernel: {
      serverSysctls: {
        'net.ipv4.tcp_wmem.1': WEDGED_SEND_BUFFER_BYTES,
        'net.ipv4.tcp_wmem.2': WEDGED_SEND_BUFFER_BYTES,
      },
    },
    fault: freeze,
  }),
  ...(['idle', 'busy', 'saturated'] as const).map((load) =>
    defineScenario({
      kind: 'fault',
      name: `page-frozen-${load}`,
      title: `The browser freezes the page for good, its network service answers pings; ${WHAT[load]}`,
      claim: 'A tab that answers pings is there.',
      truth: PAGE_TRUTH[load],
      source:
        'Chromium, services/network/websocket.cc and net/websockets/websocket_channel.cc: ping frames are answered below the page',
      tags: ['fault', 'frozen', 'browser', load],
      reaches: load === 'idle' ? 'nothing-in-flight' : 'page-pipe-full',
      load: LOADS[load],
      fault: { kind: 'page-freeze' },
    }),
  ),
];
