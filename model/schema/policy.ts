/** The shape of a policy file: field names, ranges, defaults and what each field means. */
import type {
  AgeMechanism,
  DrainMechanism,
  IdleMechanism,
  KeepaliveMechanism,
  LifeSign,
  Loss,
  Mechanism,
  PeerClosedMechanism,
  PingMechanism,
  Policy,
  SendStallMechanism,
  SweepMechanism,
  UserTimeoutMechanism,
} from '../policy/types.ts';
import { MAX_DURATION_MS } from '../duration.ts';
import {
  boolean,
  choice,
  integer,
  nullable,
  object,
  optional,
  required,
  text,
  union,
  withDefault,
  type DurationShape,
  type Field,
  type ListShape,
  type TextShape,
} from './shape.ts';

/** More mechanisms than any server has; the reaper's arrays are sized by it. */
const MAX_MECHANISMS = 16;
/** TCP_KEEPIDLE and TCP_KEEPINTVL: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL of include/net/tcp.h, seconds. */
const MAX_KEEPALIVE_S = 32_767;
/** TCP_KEEPCNT: MAX_TCP_KEEPCNT of include/net/tcp.h. */
const MAX_KEEPALIVE_PROBES = 127;
/** TCP_USER_TIMEOUT is an int of milliseconds (do_tcp_setsockopt refuses negative ones). */
const MAX_USER_TIMEOUT_MS = 2 ** 31 - 1;

export const nameShape: TextShape = {
  type: 'text',
  description: 'Lower-case words and digits joined by hyphens or dots.',
  minLength: 1,
  maxLength: 64,
  pattern: '^[a-z0-9]+(?:[.-][a-z0-9]+)*$',
  expected: 'a name of 1 to 64 lower-case letters and digits, joined by hyphens or dots',
};

/** A duration from `minMs` (1 ms unless said) to `maxMs` (365 days unless said). */
export function duration(
  description: string,
  limits: { minMs?: number; maxMs?: number; multipleOfMs?: number } = {},
): DurationShape {
  const { minMs = 1, maxMs = MAX_DURATION_MS, multipleOfMs = 1 } = limits;
  return { type: 'duration', description, minMs, maxMs, multipleOfMs };
}

const lost: Field = optional(
  choice<Loss>(
    'This mechanism is broken and nobody notices: `timer`, it neither probes nor judges; `verdict`, it probes but never acts.',
    ['timer', 'verdict'],
  ),
);

function life(description: string): ListShape {
  const item = choice<LifeSign>(
    'pong: a WebSocket pong frame (RFC 6455 §5.5.3); message: a complete application message; any-byte: any byte read from the socket.',
    ['pong', 'message', 'any-byte'],
  );
  return { type: 'list', description, item, minItems: 1, maxItems: 3, unique: true };
}

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
  lost,
};

const ping: Fields<PingMechanism> = {
  intervalMs: required(duration('Time to the next ping, measured as `after` says.')),
  after: withDefault(
    choice<PingMechanism['after']>('What the interval is measured from.', [
      'last-ping',
      'last-reply',
      'last-received',
    ]),
    'last-ping',
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
  lost,
};

const peerClosed: Fields<PeerClosedMechanism> = {
  everyMs: withDefault(duration('How often the TCP state is looked at.'), 1_000),
  lost,
};

const idle: Fields<IdleMechanism> = {
  timeoutMs: required(duration('Time without a message after which the connection is closed.')),
  lost,
};

const age: Fields<AgeMechanism> = {
  maxMs: required(duration('Age at which the connection is closed.')),
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

const mechanismShape = union<Mechanism>('One way of finding or ending connections.', {
  sweep: {
    description: 'At each tick a connection whose flag is still false is reaped; else flag = false.',
    fields: sweep,
  },
  ping: { description: 'A ping per connection and patience for its answer.', fields: ping },
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

export const policyShape = {
  ...object<Policy>('A reaper policy: everything a server does to find connections whose peer is gone.', {
    schemaVersion: withDefault(choice('Version of this format.', [1]), 1),
    name: required({ ...nameShape, description: `Name of the policy. ${nameShape.description}` }),
    title: optional(text('One line for lists; the name when missing.', 200)),
    claim: optional(text('What people believe it does.')),
    truth: optional(text('What it does.')),
    source: optional(text('Where it is from: a repository at a version, a man page, a story.')),
    mechanisms: required({
      type: 'list',
      description: 'What the server does; each works alone, and can be lost alone.',
      item: mechanismShape,
      minItems: 0,
      maxItems: MAX_MECHANISMS,
      unique: false,
      atMostOne: ['keepalive', 'user-timeout', 'drain'],
    }),
  }),
  ignored: ['$schema'],
};
