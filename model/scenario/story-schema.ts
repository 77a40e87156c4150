/** What else happens around a connection: a stop, a pool, a stock of ghosts, a storm. */
import { jitterKinds, rejectionReactions } from '../machines/reconnect/backoff.ts';
import { bytes } from '../schema/names.ts';
import {
  choice,
  duration,
  integer,
  nullable,
  number,
  numberAbove,
  object,
  optional,
  union,
  variant,
  withDefault,
  type Canonical,
} from '../schema/words.ts';

const openingsSchema = object(
  'How one server takes openings: one after the other, in the order in which they came.',
  {
    acceptsPerSecond: integer('Openings that a server finishes per second.', 1, 10_000_000),
    queueLimit: optional(
      integer('How many openings may wait for their turn; no limit when missing.', 0, 10_000_000),
    ),
    sessionLimit: optional(
      integer('How many sessions a server holds at most; no limit when missing.', 1, 10_000_000),
    ),
    /** What it does with an opening for which there is no room: says nothing (`drop`), resets it (`reset`), or answers that it has none (`reject`: HTTP 503 or 429, close code 1013 or 1012). `drop` when missing. */
    whenFull: optional(
      choice(
        'An opening without room is left without an answer (drop, when missing), reset, or answered by HTTP 503 or 429, or close code 1013 or 1012 (reject).',
        ['drop', 'reset', 'reject'],
      ),
    ),
    /** What its rejection tells the client to wait (Retry-After); nothing when missing. */
    retryAfterMs: optional(duration('What a rejection tells the client to wait (Retry-After).')),
  },
);
/** How one server takes openings: one after the other, in the order in which they came. */
export interface Openings extends Canonical<typeof openingsSchema> {}

const reconnectingSchema = object('How each client comes back.', {
  baseMs: withDefault(duration('First wait of a client.', { minMs: 0 }), 1_000),
  factor: withDefault(number('By how much each wait is longer than the one before.', 1, 10), 2),
  /** The longest wait; jitter goes beyond it where its kind says so. */
  maxMs: withDefault(duration('Longest wait, before jitter above the cap.'), 30_000),
  /** Where chance enters: see `JitterKind` of the reconnect machine. `inside-cap` when missing. */
  jitter: optional(
    choice(
      'Where chance enters a wait: added inside the cap (when missing) or above it, the whole wait drawn from 0 (full), or a share more or less (percent).',
      jitterKinds,
    ),
  ),
  jitterMs: optional(
    duration('For inside-cap and above-cap: up to so much is added; 1s when missing.', {
      minMs: 0,
    }),
  ),
  jitterPercent: optional(numberAbove('For percent: up to so much more or less, %.', 0, 100)),
  /** Retries of a client without success before it gives up; null = no limit. */
  attempts: withDefault(nullable(integer('Retries of a client.', 1, 500), 'no limit'), null),
  attemptTimeoutMs: withDefault(duration('Patience of a client for one attempt.'), 10_000),
  whenRejected: optional(
    choice(
      'What a client makes of a rejection: a loss like any other (retry, when missing), a wait of at least Retry-After, or the end.',
      rejectionReactions,
    ),
  ),
});
/** How each client comes back. */
export interface Reconnecting extends Canonical<typeof reconnectingSchema> {}

export const storySchema = union('What else happens around the connection.', [
  variant('connection', 'One connection and nothing else.', {}),
  /** `ghosts` connections suffer the fault, then the server is told to stop (SIGTERM). On living peers it is they that it waits for, and the time runs from the beginning of their silence, or from the opening where nothing is silent. */
  variant('drain', 'The server is told to stop (SIGTERM), and waits for its connections.', {
    ghosts: integer('How many suffer the fault; of living peers, how many there are.', 1, 10_000),
    sigtermAfterMs: duration(
      'Time to SIGTERM from the fault, from the beginning of a silence, or from the opening where nothing is silent.',
      { minMs: 0 },
    ),
  }),
  variant(
    'descriptors',
    'A share of the connections turns into ghosts each hour until accept fails.',
    {
      connections: integer('Living connections.', 1, 10_000_000),
      descriptorLimit: integer('RLIMIT_NOFILE.', 1, 10_000_000),
      ghostSharePerHour: numberAbove('Share of the connections per hour.', 0, 1),
    },
  ),
  /** A pool entry rests for `idleMs`, then carries its first query, whose reply is awaited for ever. A fault comes while it rests, a silence so that the query falls into it. */
  variant(
    'pool',
    'A pool entry rests, and whatever happens happens meanwhile; then it carries its first query.',
    {
      idleMs: duration('How long it rests.', { minMs: 0 }),
      queryBytes: bytes('Length of the query'),
    },
  ),
  variant(
    'stock',
    'Connections arrive, and a share of them ends in the fault: how many ghosts stand?',
    {
      arrivalsPerHour: numberAbove('Connections per hour.', 0, 100_000_000),
      ghostShare: numberAbove('Share that ends in the fault.', 0, 1),
      hours: numberAbove('Length of the story, hours.', 0, 8_760),
    },
  ),
  /** The server has fewer seats than `waiting` clients, and a ghost holds one: how long does the last wait? */
  variant('waiting', 'A ghost holds a seat, and clients wait for it.', {
    waiting: integer('Clients that wait.', 1, 1_000_000),
  }),
  /** The loop is one thread, and its sends block: while one waits for a client that takes nothing, nobody else hears anything. Who judges runs beside it, unless the server is broken. */
  variant(
    'broadcast',
    'One loop sends each message to all clients in turn, and a send that blocks holds it up.',
    {
      ghosts: integer('How many of its clients suffer the fault, or the silence.', 1, 10_000),
    },
  ),
  variant('restart', 'The server restarts and every client comes back.', {
    clients: integer('Clients.', 1, 10_000_000),
    downMs: duration('How long the server is away.', { minMs: 0 }),
    ...openingsSchema.entries,
    ...reconnectingSchema.entries,
    /**
     * Whether a client that gives an attempt up takes every listener off its socket first, or leaves them: then the
     * socket's end is a second loss, and starts a second loop of attempts beside the first.
     */
    teardown: withDefault(
      choice(
        'Whether an attempt that is given up takes its listeners with it (atomic), or its end is told as a second loss (leaky).',
        ['atomic', 'leaky'],
      ),
      'atomic',
    ),
  }),
  variant(
    'rolling-restart',
    'Servers behind a balancer drain, stop and come back, one after the other.',
    {
      clients: integer('Clients of all servers, evenly spread when it begins.', 1, 10_000_000),
      servers: integer('Servers.', 2, 100),
      drainMs: withDefault(
        duration('From the last new client for a server to the end of its last connection.', {
          minMs: 0,
        }),
        0,
      ),
      drain: withDefault(
        choice(
          'Clients are asked to go one after the other, evenly over drainMs (spread), or all are cut off at its end (deadline).',
          ['spread', 'deadline'],
        ),
        'deadline',
      ),
      downMs: duration('How long each server is away.', { minMs: 0 }),
      pauseMs: withDefault(
        duration("From one server's being back to the next one's drain.", {
          minMs: 0,
        }),
        0,
      ),
      balancing: withDefault(
        choice('Which of the servers that are there an opening goes to.', [
          'round-robin',
          'random',
          'least-connections',
        ]),
        'round-robin',
      ),
      ...openingsSchema.entries,
      ...reconnectingSchema.entries,
    },
  ),
]);

/** What else happens around the connection. */
export type Story = Canonical<typeof storySchema>;
