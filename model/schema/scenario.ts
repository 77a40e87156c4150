/** The shape of a scenario file: field names, ranges, defaults and what each field means. */
import type {
  Fault,
  FaultScenario,
  KernelSetting,
  LiveScenario,
  Load,
  Path,
  Scenario,
  ServerSetting,
  Silence,
  Story,
} from '../scenario/types.ts';
import { sysctlTable } from '../linux/sysctls.ts';
import { duration, nameShape } from './policy.ts';
import {
  choice,
  integer,
  nullable,
  number,
  object,
  optional,
  required,
  text,
  union,
  withDefault,
  type Field,
  type ListShape,
  type NumberShape,
  type ObjectShape,
} from './shape.ts';

/** One GiB: more than any socket or message of a story. */
const MAX_BYTES = 2 ** 30;
/** A satellite path with a queue has seconds; a minute is a typing error's size. */
const MAX_RTT_MS = 60_000;
/** Half an hour covers tcp_retries2 (924.6 s) and its lateness. */
const DEFAULT_WATCH_MS = 1_800_000;

function bytes(description: string, min = 1): NumberShape {
  return integer(`${description}, bytes.`, min, MAX_BYTES);
}

function bytesPerSecond(description: string): NumberShape {
  return integer(`${description}, bytes per second.`, 1, MAX_BYTES);
}

export const loadShape = union<Load>('What the server sends while nothing is wrong.', {
  idle: { description: 'Nothing.', fields: {} },
  periodic: {
    description: 'A message of `bytes` every `everyMs`.',
    fields: {
      bytes: required(bytes('Length of a message')),
      everyMs: required(duration('Time between two messages.')),
      direction: withDefault(
        choice('Who sends: the server, or both, half a period apart.', ['server', 'both']),
        'server',
      ),
    },
  },
  saturated: {
    description: 'As fast as the send path takes it.',
    fields: { messageBytes: withDefault(bytes('Length of a message'), 65_536) },
  },
});

const faultShape = union<Fault>('What ends the peer.', {
  vanish: {
    description: 'Packets vanish for ever.',
    fields: {
      direction: withDefault(
        choice('Whose packets vanish.', ['both', 'server-to-client', 'client-to-server']),
        'both',
      ),
    },
  },
  freeze: {
    description: "The client's process stops for ever; its kernel still answers.",
    fields: {},
  },
  'tunnel-dead': {
    description: 'A proxy in between keeps its side up; nobody is behind it.',
    fields: { proxyBufferBytes: required(bytes('What the proxy swallows', 0)) },
  },
  'nat-expiry': {
    description: 'A middlebox forgets the idle flow and from then on drops it silently.',
    fields: { idleMs: required(duration('Time without a packet after which it forgets.')) },
  },
  reboot: {
    description: "The client's host comes back and knows nothing: resets what it gets.",
    fields: { downMs: required(duration('How long the host is down.', { minMs: 0 })) },
  },
  crash: {
    description: "The client's process dies; its kernel closes the socket for it.",
    fields: {},
  },
  close: { description: 'The closing handshake (RFC 6455 §7).', fields: {} },
});

const length = required(duration('How long it lasts.'));

const silenceShape = union<Silence>('What a living peer goes through.', {
  none: { description: 'Nothing is wrong.', fields: {} },
  outage: { description: 'Both directions cut, then healed.', fields: { lengthMs: length } },
  'application-pause': {
    description: "The client's application sends nothing of its own; it still reads.",
    fields: { lengthMs: length },
  },
  trickle: {
    description: 'The client reads `bytes` every `everyMs` and nothing else.',
    fields: {
      bytes: required(bytes('What one read takes')),
      everyMs: required(duration('Time between two reads.')),
      lengthMs: length,
    },
  },
  plateau: {
    description: 'The client reads as fast as the server writes, behind a queue of constant length.',
    fields: {
      queueBytes: required(bytes('Length of the queue')),
      bytesPerSecond: required(bytesPerSecond('Rate of both')),
      lengthMs: length,
    },
  },
  'server-starved': {
    description: "The server's own process does not run; what arrives waits unread.",
    fields: { lengthMs: length },
  },
  'slow-reader': {
    description: 'The client drains a steady rate and answers each ping when it reaches it.',
    fields: { bytesPerSecond: required(bytesPerSecond('Rate')), lengthMs: length },
  },
  'slow-uploader': {
    description: 'The client sends one message at a low rate; no pong can pass inside it.',
    fields: {
      messageBytes: required(bytes('Length of the message')),
      bytesPerSecond: required(bytesPerSecond('Rate')),
    },
  },
});

const storyShape = union<Story>('What else happens around the connection.', {
  connection: { description: 'One connection and nothing else.', fields: {} },
  drain: {
    description: 'Some connections suffer the fault, then the server is told to stop (SIGTERM).',
    fields: {
      ghosts: required(integer('How many suffer the fault.', 1, 10_000)),
      sigtermAfterMs: required(duration('Time from the fault to SIGTERM.', { minMs: 0 })),
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
    description: 'A pool entry rests, then carries its first query.',
    fields: {
      idleMs: required(duration('How long it rests.', { minMs: 0 })),
      queryBytes: required(bytes('Length of the query')),
    },
  },
});

const serverShape = object<ServerSetting>('The server process.', {
  sendPath: withDefault(
    choice('`queued`: a send never blocks; `locked`: it holds the lock a ping waits for.', [
      'queued',
      'locked',
    ]),
    'queued',
  ),
  userQueueBytes: withDefault(bytes('What may wait in user space', 0), 65_536),
  seats: withDefault(
    nullable(integer('How many sessions the server may hold.', 1, 10_000_000), 'no limit'),
    null,
  ),
});

const sysctls: ObjectShape = {
  type: 'object',
  name: 'sysctls',
  description: 'Settings that differ from the defaults of the kernel.',
  fields: Object.fromEntries(
    Object.entries(sysctlTable).map(([name, { min, max, effect }]) => [
      `net.ipv4.${name}`,
      optional(integer(`${effect}.`, min, max)),
    ]),
  ),
  expected: 'a net.ipv4.tcp_* setting of the simulated kernel',
};

const kernelShape = object<KernelSetting>('The kernels of both hosts.', {
  hz: withDefault(choice('Ticks per second (CONFIG_HZ).', [100, 250, 1000]), 250),
  profile: withDefault(choice('Linux version whose rules apply.', ['6.12', '6.18']), '6.18'),
  serverSysctls: withDefault(sysctls, {}),
  clientSysctls: withDefault(sysctls, {}),
});

const tags: ListShape = {
  type: 'list',
  description: 'Groups for selection as @TAG.',
  item: { ...nameShape, description: `A tag. ${nameShape.description}` },
  minItems: 0,
  maxItems: 32,
  unique: true,
};

type BaseKey = Exclude<keyof FaultScenario & keyof LiveScenario, 'kind'>;

const base: { readonly [K in BaseKey]: Field } = {
  schemaVersion: withDefault(choice('Version of this format.', [1]), 1),
  name: required({ ...nameShape, description: `Name of the scenario. ${nameShape.description}` }),
  title: optional(text('One line for lists; the name when missing.', 200)),
  claim: optional(text('What folklore says about it.')),
  truth: optional(text('What is true.')),
  source: optional(text('Where it is from.')),
  tags: withDefault(tags, []),
  load: withDefault({ ...loadShape, name: 'load' }, { kind: 'idle' }),
  path: withDefault(
    object<Path>('The path between the hosts.', {
      rttMs: required(duration('Round trip without queueing.', { maxMs: MAX_RTT_MS })),
    }),
    { rttMs: 50 },
  ),
  server: withDefault({ ...serverShape, name: 'server' }, {}),
  kernel: withDefault({ ...kernelShape, name: 'kernel' }, {}),
  story: withDefault({ ...storyShape, name: 'story' }, { kind: 'connection' }),
  watchMs: withDefault(
    duration('Watched this long after the fault, or in all for a living peer.'),
    DEFAULT_WATCH_MS,
  ),
};

export const scenarioShape = union<Scenario>(
  'A scenario: one story about a server and a client, as data.',
  {
    fault: {
      description: 'The peer goes; the policy must notice.',
      fields: { ...base, fault: required(faultShape) },
      ignored: ['$schema'],
    },
    live: {
      description: 'The peer lives; the policy must leave it alone.',
      fields: {
        ...base,
        silence: required(silenceShape),
        endsWith: optional(choice('How the living client leaves at the end.', ['close'])),
      },
      ignored: ['$schema'],
    },
  },
);
