/** The shape of a scenario file: field names, ranges, defaults and what each field means. */
import type {
  ClientSetting,
  Fault,
  FaultScenario,
  KernelSetting,
  LiveScenario,
  Load,
  Path,
  Scenario,
  ServerFault,
  ServerSetting,
  Silence,
} from '../scenario/types.ts';
import { rareStateNames } from '../scenario/coverage-goals.ts';
import { sysctlTable } from '../linux/sysctls.ts';

import {
  boolean,
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
import { storyShape } from './story.ts';
import { bytes, duration, MAX_BYTES, nameShape } from './words.ts';

/** A satellite path with a queue has seconds; a minute is a typing error's size. */
const MAX_RTT_MS = 60_000;
/** Half an hour covers tcp_retries2 (924.6 s) and its lateness. */
const DEFAULT_WATCH_MS = 1_800_000;

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
        choice('Who sends: the server, the client, or both, half a period apart.', [
          'server',
          'client',
          'both',
        ]),
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
  unreachable: {
    description: 'Packets vanish for ever, and a router answers with ICMP host unreachable.',
    fields: {},
  },
  'handshake-abandoned': {
    description: 'The opening is never finished.',
    fields: {
      after: required(
        choice('The last thing the peer did: sent its SYN, or finished TCP\'s handshake.', [
          'syn',
          'established',
        ]),
      ),
    },
  },
  freeze: {
    description: "The client's process stops for ever; its kernel still answers.",
    fields: {},
  },
  'page-freeze': {
    description:
      "The client's application stops for ever; its library or network service still answers pings.",
    fields: {},
  },
  'host-sleep': {
    description: "The client's host sleeps, then wakes and finds what is left of the connection.",
    fields: { lengthMs: required(duration('How long it sleeps.')) },
  },
  'tunnel-dead': {
    description: 'A proxy in between keeps its side up; nobody is behind it.',
    fields: { proxyBufferBytes: required(bytes('What the proxy swallows', 0)) },
  },
  'nat-expiry': {
    description: 'A middlebox forgets the idle flow.',
    fields: {
      idleMs: required(duration('Time without a packet after which it forgets.')),
      onExpiry: optional(
        choice(
          'Later packets vanish (when missing); whoever sends next is reset; one side is reset at once; both get a FIN.',
          ['drop', 'reset-next', 'reset-server', 'reset-client', 'fin-both'],
        ),
      ),
    },
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
  'network-change': {
    description: "The client's old address is gone; it comes back as a new connection.",
    fields: { reconnectMs: required(duration('Time until it is back.', { minMs: 0 })) },
  },
  'link-down': { description: "The server's own interface goes down.", fields: {} },
  'half-close': {
    description: 'The client shuts its sending side and goes away without more.',
    fields: {},
  },
  'close-unanswered': {
    description: 'The server begins the closing handshake, and the peer never answers it.',
    fields: {},
  },
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
  'server-stall': {
    description: "The server's event loop stalls: nothing runs in the process.",
    fields: { lengthMs: length },
  },
  'process-pause': {
    description: "The client's process stops and goes on; its kernel answers meanwhile.",
    fields: { lengthMs: length },
  },
  'page-freeze': {
    description:
      "The client's application stops and goes on; its library or network service answers pings meanwhile.",
    fields: { lengthMs: length },
  },
  'timers-throttled': {
    description: "Timers of the client's application run only once in a while.",
    fields: {
      everyMs: required(duration('Time between two instants at which timers run.')),
      lengthMs: length,
    },
  },
  'host-sleep': {
    description: "The client's host sleeps and wakes where it stopped.",
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

const brokenShape = union<ServerFault>('What is wrong with the server itself.', {
  none: { description: 'Nothing.', fields: {} },
  'reaper-stopped': {
    description: 'The timers of the reaper inside the process have died.',
    fields: {},
  },
  'connection-missed': {
    description: "The connection is missing from the reaper's list.",
    fields: {},
  },
  'loop-stalled': {
    description: "The event loop stalls from the fault's instant.",
    fields: { lengthMs: required(duration('How long it stalls.')) },
  },
});

const clientShape = object<ClientSetting>('The client process.', {
  pingEveryMs: withDefault(
    nullable(duration('It pings so often of its own.'), 'only what the policy expects'),
    null,
  ),
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
  closesAtEof: optional(
    boolean('Whether it closes its side when the peer has shut its own; true when missing.'),
  ),
  broken: optional({ ...brokenShape, name: 'broken' }),
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
  serverOrphans: optional(
    integer(
      "Orphans of the server's other connections, which count against tcp_max_orphans.",
      0,
      10_000_000,
    ),
  ),
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
      jitterMs: optional(
        duration("Up to so much is added to each packet's way, drawn.", {
          minMs: 0,
          maxMs: MAX_RTT_MS,
        }),
      ),
      lossPercent: optional(number('Share of the packets that are lost, each way, %.', 0, 100)),
    }),
    { rttMs: 50 },
  ),
  server: withDefault({ ...serverShape, name: 'server' }, {}),
  client: optional({ ...clientShape, name: 'client' }),
  kernel: withDefault({ ...kernelShape, name: 'kernel' }, {}),
  story: withDefault({ ...storyShape, name: 'story' }, { kind: 'connection' }),
  reaches: optional(
    choice('The state that makes it worth running: no run that comes to it is a failure.', rareStateNames),
  ),
  orderlyEnd: optional(
    choice(
      'Says that a living peer loses nothing by an orderly end (idle or age limit, a close by the application). Without it, every end of a living peer counts as one.',
      ['harmless'],
    ),
  ),
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
