/**
 * A scenario: one story about one server and one client, as data. What happens to the peer, what
 * the server was sending, over which path, on which kernel. Names and values live in `scenarios/`.
 *
 * Durations are whole milliseconds in canonical form, from 1 ms (0 where something may be immediate) to 365 days;
 * lengths are bytes up to 1 GiB.
 */
import { faultSchema, silenceSchema } from '../faults/index.ts';
import { MAX_RTT_MS, socketOptionsSchema, sysctlsSchema } from '../schema/kernel-settings.ts';
import { rareStateNames } from './coverage-goals.ts';
import { loadSchema } from '../schema/load.ts';
import { bytes, fileVersion, name } from '../schema/names.ts';
import { storySchema } from './story-schema.ts';
import {
  boolean,
  choice,
  duration,
  integer,
  list,
  nullable,
  number,
  object,
  optional,
  text,
  titled,
  union,
  variant,
  withDefault,
  type Canonical,
  type Written,
} from '../schema/words.ts';

/** Half an hour covers tcp_retries2 (924.6 s) and its lateness. */
const DEFAULT_WATCH_MS = 1_800_000;

const pathSchema = object('The path between the hosts.', {
  /** 1 … 60 000 ms; half of it each way. */
  rttMs: duration('Round trip without queueing.', { maxMs: MAX_RTT_MS }),
  /** Packets stay in order. 0 when missing. */
  jitterMs: optional(
    duration("Up to so much is added to each packet's way, drawn.", {
      minMs: 0,
      maxMs: MAX_RTT_MS,
    }),
  ),
  lossPercent: optional(number('Share of the packets that are lost, each way, %.', 0, 100)),
  /** 1500 when missing. Send buffers and windows grow by the segment, so it decides when a frozen peer's are full. */
  mtuBytes: optional(
    integer('MTU of the path, bytes; 9000 in many clouds, 65 535 on loopback.', 1_280, 65_535),
  ),
  /** Above `rttMs`: another way, or a queue that fills. The connection opens on the shorter one. */
  risesToMs: optional(
    duration('The round trip rises to this once the connection has settled, and stays there.', {
      maxMs: MAX_RTT_MS,
    }),
  ),
});
/** The network between the two hosts. */
export interface Path extends Canonical<typeof pathSchema> {}

const sideLimit = (side: string) =>
  withDefault(
    nullable(duration(`So long without a byte from the ${side} ends both.`), 'no limit'),
    null,
  );

const proxyPingSchema = object('HTTP/2 pings of a proxy to one side.', {
  intervalMs: duration('From the opening, or the answer to one, to the next.'),
  timeoutMs: withDefault(
    nullable(duration('Nothing has come for so long after one: then both are closed.'), 'never'),
    null,
  ),
});
/** HTTP/2 pings of a proxy to one side. */
export interface ProxyPing extends Canonical<typeof proxyPingSchema> {}

const proxySideSchema = object('What a proxy does towards one side.', {
  keepalive: optional(
    object('SO_KEEPALIVE of its socket, whole seconds.', {
      idleMs: duration('TCP_KEEPIDLE.', { minMs: 1_000, multipleOfMs: 1_000 }),
      intervalMs: duration('TCP_KEEPINTVL.', { minMs: 1_000, multipleOfMs: 1_000 }),
      probes: integer('TCP_KEEPCNT.', 1, 127),
    }),
  ),
  userTimeoutMs: optional(duration('TCP_USER_TIMEOUT of its socket.')),
  writeMs: optional(
    duration('A write to that side may be blocked for so long: then both are closed.'),
  ),
  /** Of a proxy that answers pings alone. */
  ping: optional(proxyPingSchema),
});
/** What a proxy does towards one side. */
export interface ProxySide extends Canonical<typeof proxySideSchema> {}

const reloadsSchema = object(
  'It is reloaded, or moved, so often by the clock, and its old worker ends all that is left.',
  {
    everyMs: duration(
      'From one reload to the next; where in that time a connection opens is drawn.',
    ),
    graceMs: withDefault(
      nullable(
        duration('What the old worker leaves its connections.', { minMs: 0 }),
        'until they end by themselves',
      ),
      0,
    ),
  },
);

const proxySchema = object(
  'A proxy: it ends the connection from one side, has one of its own to the other, and hands on the bytes.',
  {
    name: name('What it is called'),
    /** 1 … 60 000 ms. */
    rttMs: withDefault(
      duration('Round trip to the next party towards the server.', { maxMs: MAX_RTT_MS }),
      1,
    ),
    /** Of the path to the next party, as in `path`. */
    jitterMs: optional(
      duration("Up to so much is added to each packet's way there, drawn.", {
        minMs: 0,
        maxMs: MAX_RTT_MS,
      }),
    ),
    lossPercent: optional(number('Share of the packets that are lost there, each way, %.', 0, 100)),
    idleMs: withDefault(
      nullable(duration('So long without a byte in either direction ends both.'), 'no limit'),
      null,
    ),
    /** Whatever it carries: a limit of age, or a schedule that begins with the connection. */
    ageMs: optional(duration('It ends a connection of this age, whatever that carries.')),
    /** All its connections at once, whatever they carry. */
    reloads: optional(reloadsSchema),
    /** It ends HTTP/2 (RFC 9113 §6.7): pings and their answers go no further, and are no data to its limits. */
    answersPings: optional(
      boolean('Pings that come here are answered here: it ends HTTP/2. Missing: they pass.'),
    ),
    towardsClient: optional(proxySideSchema),
    towardsServer: optional(proxySideSchema),
    clientIdleMs: sideLimit('client'),
    serverIdleMs: sideLimit('server'),
    /** `passes`: the other side is shut as well, and may go on sending. */
    halfClose: withDefault(
      choice('What it does when one side has shut its sending side.', ['closes-both', 'passes']),
      'closes-both',
    ),
    /** Beside the socket buffers of its kernels. */
    bufferBytes: withDefault(bytes('What it holds in each direction', 1), 16_384),
    sysctls: withDefault(sysctlsSchema, {}),
    socketOptions: withDefault(socketOptionsSchema, {}),
  },
);
/** A proxy between client and server: a process with a connection to each side. */
export interface Proxy extends Canonical<typeof proxySchema> {}

/** As many as any request passes. */
const MAX_PROXIES = 6;

/** Places of links, and boxes on them: as many as any request passes. */
const MAX_BOXES = 16;
const linkPlace = (what: string) =>
  integer(`${what}: 0 is the client's, 1 the one behind the first proxy.`, 0, MAX_PROXIES);

const boxSchema = object(
  'A box on a link: it forwards packets, keeps a table of flows, and forgets the quiet ones.',
  {
    name: name('What it is called'),
    link: withDefault(linkPlace('The link that it stands on'), 0),
    idleMs: duration('Time without a packet after which it forgets.'),
    onExpiry: withDefault(
      choice('What follows: later packets vanish; whoever sends next is reset; both get a FIN.', [
        'drop',
        'reset-next',
        'fin-both',
      ]),
      'drop',
    ),
  },
);
/** A box on a link, which forgets quiet connections. */
export interface Box extends Canonical<typeof boxSchema> {}

const brokenSchema = union('What is wrong with the server itself.', [
  variant('none', 'Nothing.', {}),
  /** What the kernel or a watchdog outside does goes on. */
  variant('reaper-stopped', 'The timers of the reaper inside the process have died.', {}),
  /** It may be pinged, but never judged. */
  variant('connection-missed', "The connection is missing from the reaper's list.", {}),
  variant('loop-stalled', "The event loop stalls from the fault's instant.", {
    lengthMs: duration('How long it stalls.'),
  }),
]);
/** What is wrong with the server itself, unknown to it, while the peer goes or lives. */
export type ServerFault = Canonical<typeof brokenSchema>;

/** Signs of life that a client may never give, though the other side waits for them. */
export const withheldSigns = ['pong', 'application-pong', 'application-ack', 'heartbeat'] as const;
/** A sign of life that a client never gives. */
export type WithheldSign = (typeof withheldSigns)[number];

const clientSchema = object('The client process.', {
  /** It pings so often of its own; null = only what the policy's `peerHeartbeat` says. */
  pingEveryMs: withDefault(
    nullable(duration('It pings so often of its own.'), 'only what the policy expects'),
    null,
  ),
  /** It lives and reads, and its library or application was never told of them. Missing = it gives all. */
  neverSends: optional(
    list(
      'Signs of life that it never gives: pongs, pongs or acknowledgements of the application, the heartbeat that the policy counts on.',
      choice('A sign of life.', withheldSigns),
      { minItems: 1, unique: true },
    ),
  ),
});

const serverSchema = object('The server process.', {
  /** `queued`: a send never blocks, what the kernel does not take waits in user space, up to `userQueueBytes`. `locked`: a blocking send holds the connection's lock, and a ping waits for it. */
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
  /** `none` when missing. */
  broken: optional(brokenSchema),
});
/** The server's process. */
export interface ServerSetting extends Canonical<typeof serverSchema> {}

const kernelSchema = object('The kernels of both hosts.', {
  hz: withDefault(choice('Ticks per second (CONFIG_HZ).', [100, 250, 1000]), 250),
  profile: withDefault(choice('Linux version whose rules apply.', ['6.12', '6.18']), '6.18'),
  /** Values of `net.ipv4.*` that differ from the kernel's defaults, server side and client side. */
  serverSysctls: withDefault(sysctlsSchema, {}),
  clientSysctls: withDefault(sysctlsSchema, {}),
  /** Socket options that the processes set beside what the policy's mechanisms set: the server on its listener, the client before it connects. */
  serverSocketOptions: optional(socketOptionsSchema),
  clientSocketOptions: optional(socketOptionsSchema),
  /** Orphans of the server's other connections: they count against `net.ipv4.tcp_max_orphans` too. */
  serverOrphans: optional(
    integer(
      "Orphans of the server's other connections, which count against tcp_max_orphans.",
      0,
      10_000_000,
    ),
  ),
});
/** The kernels of both hosts. */
export interface KernelSetting extends Canonical<typeof kernelSchema> {}

const base = {
  schemaVersion: fileVersion,
  name: name('Name of the scenario'),
  title: optional(text('One line for lists; the name when missing.', 200)),
  claim: optional(text('What folklore says about it.')),
  truth: optional(text('What is true.')),
  source: optional(text('Where it is from.')),
  tags: withDefault(
    list('Groups for selection as @TAG.', name('A tag'), { maxItems: 32, unique: true }),
    [],
  ),
  load: withDefault(loadSchema, { kind: 'idle' }),
  path: withDefault(pathSchema, { rttMs: 50 }),
  server: withDefault(serverSchema, {}),
  /** Missing = a client that only does what the protocol asks of it. */
  client: optional(clientSchema),
  /** What `path`, faults and silences speak of is the client's own connection, up to the first of them. Missing = none. */
  proxies: optional(
    list('Proxies between the client and the server, from the client on.', proxySchema, {
      minItems: 1,
      maxItems: MAX_PROXIES,
    }),
  ),
  /** A living connection that one of them forgets is lost, whether somebody notices or not. */
  boxes: optional(
    list('Boxes on the links, on each from the client on.', boxSchema, {
      minItems: 1,
      maxItems: MAX_BOXES,
    }),
  ),
  /** Of faults and silences that are about packets alone. The client's when missing. */
  strikesLink: optional(linkPlace('The link that the fault or the silence strikes')),
  /** Of faults and silences of a process: a proxy's, in the place of the client's. */
  strikesProxy: optional(
    integer(
      'The proxy whose process stops, stands still or dies: 0 is the first from the client on.',
      0,
      MAX_PROXIES - 1,
    ),
  ),
  kernel: withDefault(kernelSchema, {}),
  story: withDefault(storySchema, { kind: 'connection' }),
  /** The state that makes it worth running: where no run comes to it, the story was not told. */
  reaches: optional(
    choice(
      'The state that makes it worth running: no run that comes to it is a failure.',
      rareStateNames,
    ),
  ),
  /** `harmless`: a living peer whose connection is ended in order (idle or age limit, a close by the application) loses nothing, as an entry of a pool or a rotated connection. Missing: it is ended while alive, whatever ended it. */
  orderlyEnd: optional(
    choice(
      'Says that a living peer loses nothing by an orderly end (idle or age limit, a close by the application). Without it, every end of a living peer counts as one.',
      ['harmless'],
    ),
  ),
  /** The run is watched this long after the fault, or in all for a live one; a bound beyond it extends it. */
  watchMs: withDefault(
    duration('Watched this long after the fault, or in all for a living peer.'),
    DEFAULT_WATCH_MS,
  ),
};

const faultScenario = titled(
  variant(
    'fault',
    'The peer goes; the policy must notice.',
    { ...base, fault: faultSchema },
    { ignored: ['$schema'] },
  ),
);
/** The peer goes; the policy must notice. */
export interface FaultScenario extends Canonical<typeof faultScenario> {}

const liveScenario = titled(
  variant(
    'live',
    'The peer lives; the policy must leave it alone.',
    {
      ...base,
      silence: silenceSchema,
      /** A living client may also leave by the closing handshake at the end. */
      endsWith: optional(choice('How the living client leaves at the end.', ['close'])),
    },
    { ignored: ['$schema'] },
  ),
);
/** The peer lives; the policy must leave it alone. */
export interface LiveScenario extends Canonical<typeof liveScenario> {}

export const scenarioSchema = union('A scenario: one story about a server and a client, as data.', [
  faultScenario,
  liveScenario,
]);

/** Either kind of story, told apart by `kind`. Made by `defineScenario` or `parseScenario`; never by hand. */
export type Scenario = FaultScenario | LiveScenario;
/** A scenario as `defineScenario` takes it. */
export type ScenarioInput = Written<typeof scenarioSchema>;
