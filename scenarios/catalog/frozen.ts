/** The client's process stops; its kernel still acknowledges until the receive buffer is full. */
import { defineScenario } from '../../model/scenario/index.ts';
import { busy, saturated, WEDGED_SOURCE } from './settings.ts';

/** Room for about 2.6 MB of payload, which is what was found stuck. */
const WEDGED_SEND_BUFFER_BYTES = 2_621_440;

const freeze = { kind: 'freeze' } as const;
const SOURCE = 'SIGSTOP of the client; RFC 9293 §3.8.6.1 (zero-window probing)';

export const frozenScenarios = [
  defineScenario({
    kind: 'fault',
    name: 'frozen-idle',
    title: "The client's process stops, its kernel still answers; nobody was sending",
    claim: 'Keepalive finds dead clients.',
    truth: 'The kernel of the frozen process answers every probe. Only an unanswered ping tells.',
    source: SOURCE,
    tags: ['founding', 'fault', 'frozen', 'idle'],
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
    load: saturated,
    fault: freeze,
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
];
