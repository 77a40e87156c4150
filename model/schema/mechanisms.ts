/** The mechanisms of a policy: what each is, its fields, ranges and defaults. */
import {
  boolean,
  choice,
  duration,
  integer,
  list,
  nullable,
  object,
  optional,
  union,
  variant,
  withDefault,
  type Canonical,
} from './words.ts';

/** TCP_KEEPIDLE and TCP_KEEPINTVL: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL of include/net/tcp.h, seconds. */
const MAX_KEEPALIVE_S = 32_767;
/** TCP_KEEPCNT: MAX_TCP_KEEPCNT of include/net/tcp.h. */
const MAX_KEEPALIVE_PROBES = 127;
/** TCP_USER_TIMEOUT is an int of milliseconds (do_tcp_setsockopt refuses negative ones). */
const MAX_USER_TIMEOUT_MS = 2 ** 31 - 1;
/** Four GiB: no server holds more for one connection. */
const MAX_QUEUE_BYTES = 2 ** 32;

const lifeSign = choice(
  'pong: a pong (RFC 6455 §5.5.3); matching-pong: one that answers a ping of ours; ping: a ping from the peer; message: a complete application message; any-byte: any byte read from the socket; send-accepted: a message of ours was taken without backpressure; drained: what waited in user space has moved on.',
  [
    /** A pong (RFC 6455 §5.5.3, or the application's own answer to its own ping), asked for or not. */
    'pong',
    /** A pong that answers a ping of ours; one that nobody asked for is none. */
    'matching-pong',
    /** A ping from the peer (RFC 6455 §5.5.2). */
    'ping',
    /** A complete message of the application. */
    'message',
    /** Any byte the process read from the socket. */
    'any-byte',
    /** A message of ours was taken without backpressure. It proves a buffer, not a peer; some servers count it. */
    'send-accepted',
    /** What had to wait in user space has moved into the kernel. */
    'drained',
  ],
);
/** What a mechanism accepts as proof that the peer lives. */
export type LifeSign = Canonical<typeof lifeSign>;

const life = (description: string) =>
  list(description, lifeSign, { minItems: 1, maxItems: lifeSign.options.length, unique: true });

const loss = choice(
  'This mechanism is broken and nobody notices: `timer`, it neither probes nor judges; `verdict`, it probes but never acts.',
  [
    /** Its timer has stopped: it neither probes nor judges. */
    'timer',
    /** It still probes, but its verdict never takes effect (a skipped connection, a swallowed error). */
    'verdict',
  ],
);
/** What remains of a mechanism that is broken in production: nobody notices, so a policy can say it. */
export type Loss = Canonical<typeof loss>;
const lost = optional(loss);

const manner = choice(
  'How the verdict is carried out: `destroy` (when missing), `reset` (SO_LINGER 0), `close` (the closing handshake first), `flush` (user space is written out first).',
  [
    /** close(2): a FIN, or a reset where data was left unread; what user space holds is dropped. */
    'destroy',
    /** SO_LINGER 0 and close(2): a reset, and the kernel forgets everything at once. */
    'reset',
    /** The closing handshake (RFC 6455 §7.1.2), for as long as `close-handshake` allows, then close(2). */
    'close',
    /** close(2) once user space has nothing left to write, however long that takes. */
    'flush',
  ],
);
/** How a verdict is carried out. */
export type VerdictManner = Canonical<typeof manner>;
const verdict = optional(manner);

/** However it is carried out, it is no verdict about the peer. */
const orderly = optional(
  choice('How it is ended: `close` (when missing), `destroy`, `reset` or `flush`.', [
    'close',
    'destroy',
    'reset',
    'flush',
  ]),
);

export const granularitySchema = object('A clock that is only looked at by a coarser timer.', {
  everyMs: duration('The clock runs out on a multiple of this.'),
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
});
/** A clock that is only looked at by a coarser timer: it runs out on a multiple of `everyMs`. */
export interface Granularity extends Canonical<typeof granularitySchema> {}
/** Missing = the clock has a timer of its own. */
const granularity = optional(granularitySchema);

const seconds = {
  minMs: 1_000,
  maxMs: MAX_KEEPALIVE_S * 1_000,
  multipleOfMs: 1_000,
};

const replyClock = withDefault(
  choice('When patience starts: when the ping is queued, or when the send path has taken it.', [
    'enqueued',
    'written',
  ]),
  'enqueued',
);

const queueBytes = (description: string) =>
  nullable(integer(`${description}, bytes.`, 1, MAX_QUEUE_BYTES), 'no such limit');

/** Alive-flag sweep: at each tick a connection with a false flag is reaped, else flag = false and ping. */
export interface SweepMechanism extends Canonical<typeof sweepSchema> {}

export const sweepSchema = variant(
  'sweep',
  'At each tick a connection whose flag is still false is reaped; else flag = false.',
  {
    intervalMs: duration('Time between two sweeps.'),
    timer: withDefault(
      choice('One timer for all connections, or one per connection from its accept.', [
        'shared',
        'per-connection',
      ]),
      'shared',
    ),
    ping: withDefault(boolean('Whether the tick also sends a ping.'), true),
    life: withDefault(life('What sets the flag.'), ['pong']),
    misses: optional(
      integer(
        'Ticks without a sign of life that are forgiven before the one that reaps; 1 when missing.',
        1,
        100,
      ),
    ),
    skipAfter: optional(
      life(
        'Where one of these came since the last tick, the tick neither judges, counts nor pings.',
      ),
    ),
    /** It looks at connections that are closing, too: one whose peer leaves the closing handshake without an answer is destroyed by the sweep, if nothing ends it sooner. Missing: a connection that is closing is left to the handshake's own limit. */
    whileClosing: optional(
      boolean('Whether it looks at connections that are closing, too, and destroys those.'),
    ),
    verdict,
    lost,
  },
);

/** Ping with a reply timer per connection. */
export interface PingMechanism extends Canonical<typeof pingSchema> {}

export const pingSchema = variant('ping', 'A ping per connection and patience for its answer.', {
  intervalMs: duration('Time to the next ping, measured as `after` says.'),
  /** `last-received`: any byte puts the ping off; `last-life`: only what counts as life does. */
  after: withDefault(
    choice('What the interval is measured from.', [
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
  /** Patience for the answer; null = the ping is sent and nobody waits. */
  replyTimeoutMs: nullable(duration('Patience for the answer.'), 'nobody waits for it'),
  replyClock,
  life: withDefault(life('What counts as the answer.'), ['pong']),
  /** Who answers: the peer's WebSocket library or network service (`websocket`, when missing), or code of the peer's application, which may be paused, throttled or frozen while its library is not. */
  answeredBy: optional(
    choice(
      "Who answers: the peer's WebSocket library or network service (when missing), or its application.",
      ['websocket', 'application'],
    ),
  ),
  granularity,
  verdict,
  lost,
});

/** Patience with the pings that the policy's other mechanisms send: no ping of its own. */
export interface PongTimerMechanism extends Canonical<typeof pongTimerSchema> {}

export const pongTimerSchema = variant(
  'pong-timer',
  "Patience with the pings of the policy's other mechanisms.",
  {
    timeoutMs: duration('Patience, from the oldest unanswered ping of any mechanism.'),
    replyClock,
    life: withDefault(life('What counts as the answer.'), ['pong']),
    verdict,
    lost,
  },
);

/** A deadline that every sign of life puts off, from the opening on. */
export interface ReceiveDeadlineMechanism extends Canonical<typeof receiveDeadlineSchema> {}

export const receiveDeadlineSchema = variant(
  'receive-deadline',
  'A deadline that every sign of life puts off.',
  {
    timeoutMs: duration('Time without a sign of life.'),
    life: withDefault(life('What puts the deadline off.'), ['any-byte']),
    granularity,
    verdict,
    lost,
  },
);

/** A limit on how long the send path may be blocked: user space holds something the kernel does not take. */
export interface WriteDeadlineMechanism extends Canonical<typeof writeDeadlineSchema> {}

export const writeDeadlineSchema = variant(
  'write-deadline',
  'A limit on how long the send path may be blocked.',
  {
    timeoutMs: duration('How long the send path may be blocked.'),
    /** `deadline`: a timer judges; `next-send`: only the next attempt to send looks at the clock. */
    judgedAt: withDefault(
      choice('Whether a timer judges, or only the next attempt to send.', [
        'deadline',
        'next-send',
      ]),
      'deadline',
    ),
    granularity,
    verdict,
    lost,
  },
);

/** A limit on what user space may hold for one connection, looked at every `everyMs`. */
export interface SendQueueLimitMechanism extends Canonical<typeof sendQueueLimitSchema> {}

export const sendQueueLimitSchema = variant(
  'send-queue-limit',
  'A limit on what user space may hold for one connection.',
  {
    /** More than this reaps at once; null = no such limit. */
    hardBytes: queueBytes('More than this in user space reaps at once'),
    /** More than this for `softForMs` reaps; null = no such limit. */
    softBytes: withDefault(queueBytes('More than this for `softForMs` reaps'), null),
    softForMs: withDefault(duration('How long the soft limit may be exceeded.'), 60_000),
    everyMs: withDefault(duration('How often the queue is looked at.'), 1_000),
    verdict,
    lost,
  },
);

/** Ends a peer that pings more often than it may. */
export interface PingStrikesMechanism extends Canonical<typeof pingStrikesSchema> {}

export const pingStrikesSchema = variant(
  'ping-strikes',
  'Ends a peer that pings more often than it may.',
  {
    /** A ping sooner than this after the one before is a strike; a message of ours forgives all of them. */
    minIntervalMs: duration('A ping sooner than this after the one before is a strike.'),
    maxStrikes: withDefault(integer('One strike more ends the connection.', 0, 100), 2),
    verdict,
    lost,
  },
);

/** A limit on how long a peer may take from connect to a finished opening handshake. */
export interface HandshakeDeadlineMechanism extends Canonical<typeof handshakeDeadlineSchema> {}

export const handshakeDeadlineSchema = variant(
  'handshake-deadline',
  'A limit on the time to a finished opening handshake.',
  {
    timeoutMs: duration('From connect to a finished opening handshake.'),
    granularity,
    verdict,
    lost,
  },
);

/** How long the answer to a request of ours is awaited (statement timeout, socket timeout). */
export interface RequestDeadlineMechanism extends Canonical<typeof requestDeadlineSchema> {}

export const requestDeadlineSchema = variant(
  'request-deadline',
  'How long the answer to a request of ours is awaited.',
  {
    timeoutMs: duration('How long the answer to a request of ours is awaited.'),
    verdict,
    lost,
  },
);

/** A pool tests an entry before it lends it: a request of its own, and patience for the answer. */
export interface BorrowCheckMechanism extends Canonical<typeof borrowCheckSchema> {}

export const borrowCheckSchema = variant(
  'borrow-check',
  'A pool tests an entry before it lends it.',
  {
    timeoutMs: duration('Patience for the answer to the test.'),
    freshMs: withDefault(duration('An entry used so recently is lent untested.', { minMs: 0 }), 0),
    verdict,
    lost,
  },
);

/** How long the closing handshake may take, once this side has begun it; then the descriptor is closed. */
export interface CloseHandshakeMechanism extends Canonical<typeof closeHandshakeSchema> {}

export const closeHandshakeSchema = variant(
  'close-handshake',
  'How long the closing handshake may take.',
  {
    timeoutMs: nullable(
      duration('How long the closing handshake may take.', { minMs: 0 }),
      'for ever',
    ),
    clock: withDefault(
      choice('From when the Close frame is queued, or from when the send path has taken it.', [
        'enqueued',
        'written',
      ]),
      'enqueued',
    ),
    lost,
  },
);

/** SO_KEEPALIVE with its three TCP options (tcp(7)). Linux takes whole seconds. */
export interface KeepaliveMechanism extends Canonical<typeof keepaliveSchema> {}

export const keepaliveSchema = variant(
  'keepalive',
  'SO_KEEPALIVE with its three options (tcp(7)).',
  {
    idleMs: duration('TCP_KEEPIDLE: silence before the first probe; whole seconds.', seconds),
    intervalMs: duration('TCP_KEEPINTVL: time between probes; whole seconds.', seconds),
    probes: integer('TCP_KEEPCNT: unanswered probes before the end.', 1, MAX_KEEPALIVE_PROBES),
    lost,
  },
);

/** TCP_USER_TIMEOUT (tcp(7)). */
export interface UserTimeoutMechanism extends Canonical<typeof userTimeoutSchema> {}

export const userTimeoutSchema = variant('user-timeout', 'TCP_USER_TIMEOUT (tcp(7)).', {
  /** How long sent data may stay unacknowledged, 1 ms … 2^31 − 1 ms. */
  timeoutMs: duration('TCP_USER_TIMEOUT: how long sent data may stay unacknowledged.', {
    maxMs: MAX_USER_TIMEOUT_MS,
  }),
  lost,
});

/** A watchdog on the send path: a positive send queue and no progress for the grace is death. */
export interface SendStallMechanism extends Canonical<typeof sendStallSchema> {}

export const sendStallSchema = variant(
  'send-stall',
  'A positive send queue without progress for the grace is death.',
  {
    /** What counts as progress: `bytes-acked` (`tcpi_bytes_acked` moved), `queue` (SIOCOUTQ changed), or `application-ack` (the peer's application acknowledged a message). */
    progress: withDefault(
      choice(
        'What counts as progress: tcpi_bytes_acked moved, SIOCOUTQ changed, or the peer acknowledged a message itself.',
        ['bytes-acked', 'queue', 'application-ack'],
      ),
      'bytes-acked',
    ),
    graceMs: duration('How long a positive send queue may stand without progress.'),
    everyMs: withDefault(duration('How often the socket is looked at.'), 1_000),
    verdict,
    lost,
  },
);

/** Reaps a socket whose TCP state is no longer ESTABLISHED, looked at every `everyMs`. */
export interface PeerClosedMechanism extends Canonical<typeof peerClosedSchema> {}

export const peerClosedSchema = variant(
  'peer-closed',
  'Reaps a socket whose TCP state is no longer ESTABLISHED.',
  {
    everyMs: withDefault(duration('How often the TCP state is looked at.'), 1_000),
    verdict,
    lost,
  },
);

/** Ends a connection after it carried no message for `timeoutMs`. */
export interface IdleMechanism extends Canonical<typeof idleSchema> {}

export const idleSchema = variant('idle', 'Orderly close after a time without a message.', {
  timeoutMs: duration('Time without a message after which the connection is closed.'),
  granularity,
  verdict: orderly,
  lost,
});

/** Ends a connection at an age. */
export interface AgeMechanism extends Canonical<typeof ageSchema> {}

export const ageSchema = variant('age', 'Orderly close at an age.', {
  maxMs: duration('Age at which the connection is closed.'),
  jitterPercent: optional(
    integer(
      'The age of each connection is drawn from ± this share of it, %; 0 when missing.',
      0,
      100,
    ),
  ),
  verdict: orderly,
  lost,
});

/** How long a shutdown waits for its connections before the supervisor kills the process. */
export interface DrainMechanism extends Canonical<typeof drainSchema> {}

export const drainSchema = variant('drain', 'How long a shutdown waits for its connections.', {
  /** From 0 ms; null = for ever. */
  deadlineMs: nullable(
    duration('How long a shutdown waits before the supervisor kills the process.', { minMs: 0 }),
    'for ever',
  ),
  lost,
});

export const mechanismSchema = union('One way of finding or ending connections.', [
  sweepSchema,
  pingSchema,
  pongTimerSchema,
  receiveDeadlineSchema,
  writeDeadlineSchema,
  sendQueueLimitSchema,
  pingStrikesSchema,
  handshakeDeadlineSchema,
  requestDeadlineSchema,
  borrowCheckSchema,
  closeHandshakeSchema,
  keepaliveSchema,
  userTimeoutSchema,
  sendStallSchema,
  peerClosedSchema,
  idleSchema,
  ageSchema,
  drainSchema,
]);

/** One way of finding or ending connections, told apart by `kind`. */
export type Mechanism = Canonical<typeof mechanismSchema>;

/** The word that tells mechanisms apart, e.g. `sweep`. */
export type MechanismKind = Mechanism['kind'];

/** Every kind. */
export const mechanismKinds: readonly MechanismKind[] = mechanismSchema.options.flatMap(
  ({ entries }): readonly MechanismKind[] => entries.kind.options,
);
