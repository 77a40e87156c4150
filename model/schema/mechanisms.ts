/** The shapes of the mechanisms in a policy file: field names, ranges, defaults and what each field means. */
import type {
  AgeMechanism,
  BorrowCheckMechanism,
  CloseHandshakeMechanism,
  DrainMechanism,
  Granularity,
  HandshakeDeadlineMechanism,
  IdleMechanism,
  KeepaliveMechanism,
  LifeSign,
  Loss,
  Mechanism,
  PeerClosedMechanism,
  PingMechanism,
  PingStrikesMechanism,
  PongTimerMechanism,
  ReceiveDeadlineMechanism,
  RequestDeadlineMechanism,
  SendQueueLimitMechanism,
  SendStallMechanism,
  SweepMechanism,
  UserTimeoutMechanism,
  VerdictManner,
  WriteDeadlineMechanism,
} from '../policy/types.ts';
import {
  boolean,
  choice,
  integer,
  nullable,
  object,
  optional,
  required,
  union,
  withDefault,
  type Field,
  type ListShape,
} from './shape.ts';
import { duration } from './words.ts';

/** TCP_KEEPIDLE and TCP_KEEPINTVL: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL of include/net/tcp.h, seconds. */
const MAX_KEEPALIVE_S = 32_767;
/** TCP_KEEPCNT: MAX_TCP_KEEPCNT of include/net/tcp.h. */
const MAX_KEEPALIVE_PROBES = 127;
/** TCP_USER_TIMEOUT is an int of milliseconds (do_tcp_setsockopt refuses negative ones). */
const MAX_USER_TIMEOUT_MS = 2 ** 31 - 1;
/** Four GiB: no server holds more for one connection. */
const MAX_QUEUE_BYTES = 2 ** 32;

const LIFE_SIGNS: readonly LifeSign[] = [
  'pong',
  'matching-pong',
  'ping',
  'message',
  'any-byte',
  'send-accepted',
  'drained',
];

const lost: Field = optional(
  choice<Loss>(
    'This mechanism is broken and nobody notices: `timer`, it neither probes nor judges; `verdict`, it probes but never acts.',
    ['timer', 'verdict'],
  ),
);

function life(description: string): ListShape {
  const item = choice<LifeSign>(
    'pong: a pong (RFC 6455 §5.5.3); matching-pong: one that answers a ping of ours; ping: a ping from the peer; message: a complete application message; any-byte: any byte read from the socket; send-accepted: a message of ours was taken without backpressure; drained: what waited in user space has moved on.',
    LIFE_SIGNS,
  );
  return { type: 'list', description, item, minItems: 1, maxItems: LIFE_SIGNS.length, unique: true };
}

const verdict: Field = optional(
  choice<VerdictManner>(
    'How the verdict is carried out: `destroy` (when missing), `reset` (SO_LINGER 0), `close` (the closing handshake first), `flush` (user space is written out first).',
    ['destroy', 'reset', 'close', 'flush'],
  ),
);

const orderly: Field = optional(
  choice<VerdictManner>('How it is ended: `close` (when missing), `destroy`, `reset` or `flush`.', [
    'close',
    'destroy',
    'reset',
    'flush',
  ]),
);

const granularity: Field = optional({
  ...object<Granularity>('A clock that is only looked at by a coarser timer.', {
    everyMs: required(duration('The clock runs out on a multiple of this.')),
    direction: withDefault(
      choice('At the first tick after the time has passed, or at the last one before.', [
        'up',
        'down',
      ]),
      'up',
    ),
    grid: withDefault(
      choice("The ticks of one timer of the process, or of the connection's own.", [
        'process',
        'connection',
      ]),
      'process',
    ),
  }),
  name: 'granularity',
});

const seconds = { minMs: 1_000, maxMs: MAX_KEEPALIVE_S * 1_000, multipleOfMs: 1_000 };

type Fields<M extends Mechanism> = { readonly [K in Exclude<keyof Required<M>, 'kind'>]: Field };

const sweep: Fields<SweepMechanism> = {
  intervalMs: required(duration('Time between two sweeps.')),
  timer: withDefault(
    choice<SweepMechanism['timer']>(
      'One timer for all connections, or one per connection from its accept.',
      ['shared', 'per-connection'],
    ),
    'shared',
  ),
  ping: withDefault(boolean('Whether the tick also sends a ping.'), true),
  life: withDefault(life('What sets the flag.'), ['pong']),
  misses: optional(
    integer('Ticks without a sign of life that are forgiven before the one that reaps; 1 when missing.', 1, 100),
  ),
  skipAfter: optional(
    life('Where one of these came since the last tick, the tick neither judges, counts nor pings.'),
  ),
  whileClosing: optional(
    boolean('Whether it looks at connections that are closing, too, and destroys those.'),
  ),
  verdict,
  lost,
};

const ping: Fields<PingMechanism> = {
  intervalMs: required(duration('Time to the next ping, measured as `after` says.')),
  after: withDefault(
    choice<PingMechanism['after']>('What the interval is measured from.', [
      'last-ping',
      'last-reply',
      'last-received',
      'last-life',
    ]),
    'last-ping',
  ),
  firstMs: optional(duration('Time to the first ping, where it differs.')),
  firstJitterMs: optional(
    duration("Up to so much is added to the first ping's time, drawn per connection."),
  ),
  replyTimeoutMs: required(nullable(duration('Patience for the answer.'), 'nobody waits for it')),
  replyClock: withDefault(
    choice<PingMechanism['replyClock']>(
      'When patience starts: when the ping is queued, or when the send path has taken it.',
      ['enqueued', 'written'],
    ),
    'enqueued',
  ),
  life: withDefault(life('What counts as the answer.'), ['pong']),
  answeredBy: optional(
    choice<NonNullable<PingMechanism['answeredBy']>>(
      "Who answers: the peer's WebSocket library or network service (when missing), or its application.",
      ['websocket', 'application'],
    ),
  ),
  granularity,
  verdict,
  lost,
};

const replyClock = withDefault(
  choice<PongTimerMechanism['replyClock']>(
    'When patience starts: when the ping is queued, or when the send path has taken it.',
    ['enqueued', 'written'],
  ),
  'enqueued',
);

const pongTimer: Fields<PongTimerMechanism> = {
  timeoutMs: required(duration('Patience, from the oldest unanswered ping of any mechanism.')),
  replyClock,
  life: withDefault(life('What counts as the answer.'), ['pong']),
  verdict,
  lost,
};

const receiveDeadline: Fields<ReceiveDeadlineMechanism> = {
  timeoutMs: required(duration('Time without a sign of life.')),
  life: withDefault(life('What puts the deadline off.'), ['any-byte']),
  granularity,
  verdict,
  lost,
};

const writeDeadline: Fields<WriteDeadlineMechanism> = {
  timeoutMs: required(duration('How long the send path may be blocked.')),
  judgedAt: withDefault(
    choice<WriteDeadlineMechanism['judgedAt']>(
      'Whether a timer judges, or only the next attempt to send.',
      ['deadline', 'next-send'],
    ),
    'deadline',
  ),
  granularity,
  verdict,
  lost,
};

const queueBytes = (description: string) =>
  nullable(integer(`${description}, bytes.`, 1, MAX_QUEUE_BYTES), 'no such limit');

const sendQueueLimit: Fields<SendQueueLimitMechanism> = {
  hardBytes: required(queueBytes('More than this in user space reaps at once')),
  softBytes: withDefault(queueBytes('More than this for `softForMs` reaps'), null),
  softForMs: withDefault(duration('How long the soft limit may be exceeded.'), 60_000),
  everyMs: withDefault(duration('How often the queue is looked at.'), 1_000),
  verdict,
  lost,
};

const pingStrikes: Fields<PingStrikesMechanism> = {
  minIntervalMs: required(duration('A ping sooner than this after the one before is a strike.')),
  maxStrikes: withDefault(integer('One strike more ends the connection.', 0, 100), 2),
  verdict,
  lost,
};

const handshakeDeadline: Fields<HandshakeDeadlineMechanism> = {
  timeoutMs: required(duration('From connect to a finished opening handshake.')),
  granularity,
  verdict,
  lost,
};

const requestDeadline: Fields<RequestDeadlineMechanism> = {
  timeoutMs: required(duration('How long the answer to a request of ours is awaited.')),
  verdict,
  lost,
};

const borrowCheck: Fields<BorrowCheckMechanism> = {
  timeoutMs: required(duration('Patience for the answer to the test.')),
  freshMs: withDefault(duration('An entry used so recently is lent untested.', { minMs: 0 }), 0),
  verdict,
  lost,
};

const closeHandshake: Fields<CloseHandshakeMechanism> = {
  timeoutMs: required(
    nullable(duration('How long the closing handshake may take.', { minMs: 0 }), 'for ever'),
  ),
  clock: withDefault(
    choice<CloseHandshakeMechanism['clock']>(
      'From when the Close frame is queued, or from when the send path has taken it.',
      ['enqueued', 'written'],
    ),
    'enqueued',
  ),
  lost,
};

const keepalive: Fields<KeepaliveMechanism> = {
  idleMs: required(duration('TCP_KEEPIDLE: silence before the first probe; whole seconds.', seconds)),
  intervalMs: required(duration('TCP_KEEPINTVL: time between probes; whole seconds.', seconds)),
  probes: required(integer('TCP_KEEPCNT: unanswered probes before the end.', 1, MAX_KEEPALIVE_PROBES)),
  lost,
};

const userTimeout: Fields<UserTimeoutMechanism> = {
  timeoutMs: required(
    duration('TCP_USER_TIMEOUT: how long sent data may stay unacknowledged.', {
      maxMs: MAX_USER_TIMEOUT_MS,
    }),
  ),
  lost,
};

const sendStall: Fields<SendStallMechanism> = {
  progress: withDefault(
    choice<SendStallMechanism['progress']>(
      'What counts as progress: tcpi_bytes_acked moved, SIOCOUTQ changed, or the peer acknowledged a message itself.',
      ['bytes-acked', 'queue', 'application-ack'],
    ),
    'bytes-acked',
  ),
  graceMs: required(duration('How long a positive send queue may stand without progress.')),
  everyMs: withDefault(duration('How often the socket is looked at.'), 1_000),
  verdict,
  lost,
};

const peerClosed: Fields<PeerClosedMechanism> = {
  everyMs: withDefault(duration('How often the TCP state is looked at.'), 1_000),
  verdict,
  lost,
};

const idle: Fields<IdleMechanism> = {
  timeoutMs: required(duration('Time without a message after which the connection is closed.')),
  granularity,
  verdict: orderly,
  lost,
};

const age: Fields<AgeMechanism> = {
  maxMs: required(duration('Age at which the connection is closed.')),
  jitterPercent: optional(
    integer('The age of each connection is drawn from ± this share of it, %; 0 when missing.', 0, 100),
  ),
  verdict: orderly,
  lost,
};

const drain: Fields<DrainMechanism> = {
  deadlineMs: required(
    nullable(
      duration('How long a shutdown waits before the supervisor kills the process.', { minMs: 0 }),
      'for ever',
    ),
  ),
  lost,
};

export const mechanismShape = union<Mechanism>('One way of finding or ending connections.', {
  sweep: {
    description: 'At each tick a connection whose flag is still false is reaped; else flag = false.',
    fields: sweep,
  },
  ping: { description: 'A ping per connection and patience for its answer.', fields: ping },
  'pong-timer': {
    description: "Patience with the pings of the policy's other mechanisms.",
    fields: pongTimer,
  },
  'receive-deadline': {
    description: 'A deadline that every sign of life puts off.',
    fields: receiveDeadline,
  },
  'write-deadline': {
    description: 'A limit on how long the send path may be blocked.',
    fields: writeDeadline,
  },
  'send-queue-limit': {
    description: 'A limit on what user space may hold for one connection.',
    fields: sendQueueLimit,
  },
  'ping-strikes': {
    description: 'Ends a peer that pings more often than it may.',
    fields: pingStrikes,
  },
  'handshake-deadline': {
    description: 'A limit on the time to a finished opening handshake.',
    fields: handshakeDeadline,
  },
  'request-deadline': {
    description: 'How long the answer to a request of ours is awaited.',
    fields: requestDeadline,
  },
  'borrow-check': {
    description: 'A pool tests an entry before it lends it.',
    fields: borrowCheck,
  },
  'close-handshake': {
    description: 'How long the closing handshake may take.',
    fields: closeHandshake,
  },
  keepalive: { description: 'SO_KEEPALIVE with its three options (tcp(7)).', fields: keepalive },
  'user-timeout': { description: 'TCP_USER_TIMEOUT (tcp(7)).', fields: userTimeout },
  'send-stall': {
    description: 'A positive send queue without progress for the grace is death.',
    fields: sendStall,
  },
  'peer-closed': {
    description: 'Reaps a socket whose TCP state is no longer ESTABLISHED.',
    fields: peerClosed,
  },
  idle: { description: 'Orderly close after a time without a message.', fields: idle },
  age: { description: 'Orderly close at an age.', fields: age },
  drain: { description: 'How long a shutdown waits for its connections.', fields: drain },
});
