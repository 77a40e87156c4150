/** The shape of what else happens around a connection: a stop, a pool, a stock of ghosts, a storm. */
import { jitterKinds, rejectionReactions } from '../machines/reconnect/backoff.ts';
import type { Openings, Reconnecting, Story } from '../scenario/types.ts';
import {
  choice,
  integer,
  nullable,
  number,
  optional,
  required,
  union,
  withDefault,
  type Field,
} from './shape.ts';
import { bytes, duration } from './words.ts';

type Fields<T> = { readonly [K in keyof Required<T>]: Field };

const openings: Fields<Openings> = {
  acceptsPerSecond: required(integer('Openings that a server finishes per second.', 1, 10_000_000)),
  queueLimit: optional(
    integer('How many openings may wait for their turn; no limit when missing.', 0, 10_000_000),
  ),
  sessionLimit: optional(
    integer('How many sessions a server holds at most; no limit when missing.', 1, 10_000_000),
  ),
  whenFull: optional(
    choice(
      'An opening without room is left without an answer (drop, when missing), reset, or answered by HTTP 503 or 429, or close code 1013 or 1012 (reject).',
      ['drop', 'reset', 'reject'],
    ),
  ),
  retryAfterMs: optional(duration('What a rejection tells the client to wait (Retry-After).')),
};

const reconnecting: Fields<Reconnecting> = {
  baseMs: withDefault(duration('First wait of a client.', { minMs: 0 }), 1_000),
  factor: withDefault(number('By how much each wait is longer than the one before.', 1, 10), 2),
  maxMs: withDefault(duration('Longest wait, before jitter above the cap.'), 30_000),
  jitter: optional(
    choice(
      'Where chance enters a wait: added inside the cap (when missing) or above it, the whole wait drawn from 0 (full), or a share more or less (percent).',
      jitterKinds,
    ),
  ),
  jitterMs: optional(
    duration('For inside-cap and above-cap: up to so much is added; 1s when missing.', { minMs: 0 }),
  ),
  jitterPercent: optional({
    ...number('For percent: up to so much more or less, %.', 0, 100),
    aboveMin: true,
  }),
  attempts: withDefault(nullable(integer('Retries of a client.', 1, 500), 'no limit'), null),
  attemptTimeoutMs: withDefault(duration('Patience of a client for one attempt.'), 10_000),
  whenRejected: optional(
    choice(
      'What a client makes of a rejection: a loss like any other (retry, when missing), a wait of at least Retry-After, or the end.',
      rejectionReactions,
    ),
  ),
};

export const storyShape = union<Story>('What else happens around the connection.', {
  connection: { description: 'One connection and nothing else.', fields: {} },
  drain: {
    description: 'The server is told to stop (SIGTERM), and waits for its connections.',
    fields: {
      ghosts: required(
        integer('How many suffer the fault; of living peers, how many there are.', 1, 10_000),
      ),
      sigtermAfterMs: required(
        duration(
          'Time to SIGTERM from the fault, from the beginning of a silence, or from the opening where nothing is silent.',
          { minMs: 0 },
        ),
      ),
    },
  },
  descriptors: {
    description: 'A share of the connections turns into ghosts each hour until accept fails.',
    fields: {
      connections: required(integer('Living connections.', 1, 10_000_000)),
      descriptorLimit: required(integer('RLIMIT_NOFILE.', 1, 10_000_000)),
      ghostSharePerHour: required({
        ...number('Share of the connections per hour.', 0, 1),
        aboveMin: true,
      }),
    },
  },
  pool: {
    description:
      'A pool entry rests, and whatever happens happens meanwhile; then it carries its first query.',
    fields: {
      idleMs: required(duration('How long it rests.', { minMs: 0 })),
      queryBytes: required(bytes('Length of the query')),
    },
  },
  stock: {
    description: 'Connections arrive, and a share of them ends in the fault: how many ghosts stand?',
    fields: {
      arrivalsPerHour: required({
        ...number('Connections per hour.', 0, 100_000_000),
        aboveMin: true,
      }),
      ghostShare: required({ ...number('Share that ends in the fault.', 0, 1), aboveMin: true }),
      hours: required({ ...number('Length of the story, hours.', 0, 8_760), aboveMin: true }),
    },
  },
  waiting: {
    description: 'A ghost holds a seat, and clients wait for it.',
    fields: { waiting: required(integer('Clients that wait.', 1, 1_000_000)) },
  },
  restart: {
    description: 'The server restarts and every client comes back.',
    fields: {
      clients: required(integer('Clients.', 1, 10_000_000)),
      downMs: required(duration('How long the server is away.', { minMs: 0 })),
      ...openings,
      ...reconnecting,
      teardown: withDefault(
        choice<'atomic' | 'leaky'>(
          'Whether an attempt that is given up takes its listeners with it (atomic), or its end is told as a second loss (leaky).',
          ['atomic', 'leaky'],
        ),
        'atomic',
      ),
    },
  },
  'rolling-restart': {
    description: 'Servers behind a balancer drain, stop and come back, one after the other.',
    fields: {
      clients: required(
        integer('Clients of all servers, evenly spread when it begins.', 1, 10_000_000),
      ),
      servers: required(integer('Servers.', 2, 100)),
      drainMs: withDefault(
        duration('From the last new client for a server to the end of its last connection.', {
          minMs: 0,
        }),
        0,
      ),
      drain: withDefault(
        choice<'spread' | 'deadline'>(
          'Clients are asked to go one after the other, evenly over drainMs (spread), or all are cut off at its end (deadline).',
          ['spread', 'deadline'],
        ),
        'deadline',
      ),
      downMs: required(duration('How long each server is away.', { minMs: 0 })),
      pauseMs: withDefault(
        duration("From one server's being back to the next one's drain.", { minMs: 0 }),
        0,
      ),
      balancing: withDefault(
        choice<'round-robin' | 'random' | 'least-connections'>(
          'Which of the servers that are there an opening goes to.',
          ['round-robin', 'random', 'least-connections'],
        ),
        'round-robin',
      ),
      ...openings,
      ...reconnecting,
    },
  },
});
