/** What ends the peer: each fault, its fields and defaults. After it nobody lives at the other end, except after `close`. */
import { bytes } from './names.ts';
import {
  choice,
  duration,
  optional,
  union,
  variant,
  withDefault,
  type Canonical,
} from './words.ts';

/** Packets vanish for ever: both ways, or only those sent by one side. */
export const vanishFault = variant('vanish', 'Packets vanish for ever.', {
  direction: withDefault(
    choice('Whose packets vanish.', ['both', 'server-to-client', 'client-to-server']),
    'both',
  ),
});

/** The same, and a router says so: ICMP host unreachable for what the server sends. */
export const unreachableFault = variant(
  'unreachable',
  'Packets vanish for ever, and a router answers with ICMP host unreachable.',
  {},
);

/** The opening is never finished: the peer vanishes after its SYN, or is silent once TCP is established. */
export const handshakeAbandonedFault = variant(
  'handshake-abandoned',
  'The opening is never finished.',
  {
    after: choice("The last thing the peer did: sent its SYN, or finished TCP's handshake.", [
      'syn',
      'established',
    ]),
  },
);

export const freezeFault = variant(
  'freeze',
  "The client's process stops for ever; its kernel still answers.",
  {},
);

export const pageFreezeFault = variant(
  'page-freeze',
  "The client's application stops for ever; its library or network service still answers pings.",
  {},
);

/** The client's host sleeps for `lengthMs`, then wakes and finds what the server has left of the connection. */
export const hostSleepFault = variant(
  'host-sleep',
  "The client's host sleeps, then wakes and finds what is left of the connection.",
  { lengthMs: duration('How long it sleeps.') },
);

export const tunnelDeadFault = variant(
  'tunnel-dead',
  'A proxy in between keeps its side up; nobody is behind it.',
  { proxyBufferBytes: bytes('What the proxy swallows', 0) },
);

/** A middlebox forgets the flow after `idleMs` without a packet. What it then does, `onExpiry` says. */
export const natExpiryFault = variant('nat-expiry', 'A middlebox forgets the idle flow.', {
  idleMs: duration('Time without a packet after which it forgets.'),
  onExpiry: optional(
    choice(
      'Later packets vanish (when missing); whoever sends next is reset; one side is reset at once; both get a FIN.',
      ['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both'],
    ),
  ),
});

/** The client's host loses power and is back after `downMs`, knowing nothing: it resets what it gets. */
export const rebootFault = variant(
  'reboot',
  "The client's host comes back and knows nothing: resets what it gets.",
  { downMs: duration('How long the host is down.', { minMs: 0 }) },
);

export const crashFault = variant(
  'crash',
  "The client's process dies; its kernel closes the socket for it.",
  {},
);

/** The client ends the connection by the closing handshake (RFC 6455 §7). */
export const closeFault = variant('close', 'The closing handshake (RFC 6455 §7).', {});

/** The client's network changes: its old address is gone, and after `reconnectMs` it is back as a new connection. */
export const networkChangeFault = variant(
  'network-change',
  "The client's old address is gone; it comes back as a new connection.",
  { reconnectMs: duration('Time until it is back.', { minMs: 0 }) },
);

/** The server's own interface goes down: its kernel cannot send (net/ipv4/ip_output.c, ENETDOWN or ENETUNREACH). */
export const linkDownFault = variant('link-down', "The server's own interface goes down.", {});

/** The client shuts its sending side and goes away without more: the server stands in CLOSE_WAIT until it closes. */
export const halfCloseFault = variant(
  'half-close',
  'The client shuts its sending side and goes away without more.',
  {},
);

export const closeUnansweredFault = variant(
  'close-unanswered',
  'The server begins the closing handshake, and the peer never answers it.',
  {},
);

export const faultSchema = union('What ends the peer.', [
  vanishFault,
  unreachableFault,
  handshakeAbandonedFault,
  freezeFault,
  pageFreezeFault,
  hostSleepFault,
  tunnelDeadFault,
  natExpiryFault,
  rebootFault,
  crashFault,
  closeFault,
  networkChangeFault,
  linkDownFault,
  halfCloseFault,
  closeUnansweredFault,
]);

/** What ends the peer. After it nobody lives at the other end, except after `close`. */
export type Fault = Canonical<typeof faultSchema>;
