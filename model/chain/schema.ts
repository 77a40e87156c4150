/**
 * A chain of timeouts: everything between a client and the process that serves it which forgets, closes
 * or kills after a time of its own, in the order in which a packet from the client meets it.
 *
 * Each was set by somebody else, and most outages that look like a broken heartbeat are two of them that
 * do not fit together. What is not stated is not judged.
 */
import { loadSchema } from '../schema/load.ts';
import { fileVersion, lintSettings, name, policyName } from '../schema/names.ts';
import { policySchema } from '../policy/schema.ts';
import { MAX_RTT_MS } from '../schema/kernel-settings.ts';
import {
  choice,
  described,
  duration,
  integer,
  list,
  nullable,
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

/** More hops than any request passes. */
const MAX_HOPS = 16;
/** What `live-slow-reader` reads: 800 kbit/s. */
const DEFAULT_READER_BYTES_PER_SECOND = 100_000;

const hopName = optional(text('What people call it.', 64));

const poolIdleMs = optional(
  nullable(
    duration('How long its pool keeps an idle connection towards the server; absent: no pool.'),
    'for ever',
  ),
);

const expiry = choice(
  'What follows: `silent`, nobody is told; `reset`, whoever sends next is reset; `close`, both ends are closed.',
  ['silent', 'reset', 'close'],
);
/** What a hop does with a connection whose idle time is over. */
export type Expiry = Canonical<typeof expiry>;

/** What judges is the server: the other hops are described by the times that matter to it. */
const CLIENT_JUDGES =
  'a chain judges its server, not its client: write how often the client sends (heartbeatMs) and how long it waits for the server (readTimeoutMs), and lint its policy by itself';
const BOX_JUDGES =
  'a chain judges its server: write after what time without traffic this box ends or forgets a connection (idleMs), and lint its policy by itself';

const clientHop = variant(
  'client',
  'Who opens the connection.',
  {
    name: hopName,
    heartbeatMs: optional(duration('How often the client itself sends a ping or a heartbeat.')),
    timers: withDefault(
      choice(
        '`page`: timers of a web page, which a hidden tab runs once a minute; `process`: of anything else.',
        ['process', 'page'],
      ),
      'process',
    ),
    readTimeoutMs: optional(
      duration('How long the client hears nothing before it gives the server up.'),
    ),
    /** How long its pool keeps an idle connection for the next request; null = for ever; absent = no pool. */
    poolIdleMs,
  },
  { instead: { preset: CLIENT_JUDGES, policy: CLIENT_JUDGES } },
);
/** Who opens the connection: a browser, a phone, another service. */
export interface ClientHop extends Canonical<typeof clientHop> {}

const middleboxHop = variant(
  'middlebox',
  'Forwards packets and keeps a table of flows: NAT, layer 4 balancer, firewall.',
  {
    name: hopName,
    /** Time without a packet after which it forgets the flow; null = never. */
    idleMs: nullable(duration('Time without a packet until it forgets the flow.'), 'never'),
    atExpiry: withDefault(expiry, 'silent'),
  },
  { instead: { preset: BOX_JUDGES, policy: BOX_JUDGES } },
);
/** A box that forwards packets and keeps a table of flows: NAT gateway, layer 4 balancer, firewall. */
export interface MiddleboxHop extends Canonical<typeof middleboxHop> {}

const proxyHop = variant(
  'proxy',
  'Ends TCP and opens a connection of its own: nginx, HAProxy, Envoy, a CDN.',
  {
    name: hopName,
    /** Time without a byte either way after which it ends the connection; null = never. */
    idleMs: nullable(duration('Time without a byte until it ends the connection.'), 'never'),
    atExpiry: withDefault(expiry, 'close'),
    /** How long its pool keeps an idle connection to the next hop; null = for ever; absent = no pool. */
    poolIdleMs,
    heartbeatMs: optional(duration('How often it pings the next hop of its own.')),
    /** The innermost protocol that it ends itself: behind `http2` nobody sees the HTTP 2 pings of the other side, behind `tcp` they pass. Absent = `http2` where pings are HTTP 2's. */
    speaks: optional(
      choice(
        "The innermost protocol that it ends: HTTP/2 pings end at `http2` and pass `tcp`; absent: `http2` where pings are HTTP/2's.",
        ['tcp', 'http2'],
      ),
    ),
  },
  { instead: { preset: BOX_JUDGES, policy: BOX_JUDGES } },
);
/** A box that ends TCP and opens a connection of its own: nginx, HAProxy, Envoy, a CDN, a layer 7 balancer. */
export interface ProxyHop extends Canonical<typeof proxyHop> {}

const serverHop = variant('server', 'The process that serves, with its reaper policy.', {
  name: hopName,
  /** A built-in policy by name or alias, with its options where some are set. */
  preset: optional(
    policyName('A built-in policy by name or alias, with its options: `bun(idleTimeout=30s)`.'),
  ),
  /** A policy of one's own; without either, the server has none. */
  policy: optional(policySchema),
  platform: optional(
    choice('Where it runs; some mechanisms exist on Linux only.', ['linux', 'other']),
  ),
  httpKeepAliveMs: optional(
    duration('How long it keeps an idle HTTP connection for the next request.'),
  ),
  /** The least time between two pings that it forgives a client (gRPC's MinTime). */
  minPingMs: optional(duration("Least time between a client's pings; faster ones end it.")),
  /** How long a client may say nothing before the server drops it, beside what the policy does. */
  readTimeoutMs: optional(
    duration('How long a client may say nothing, beside what the policy does.'),
  ),
  writeWaitMs: optional(duration('How long one write may take.')),
  /** How long it waits for the answer to its Close frame (RFC 6455 §7). */
  closeTimeoutMs: optional(duration('How long the answer to a Close frame is waited for.')),
});
/** The process that serves, with its reaper policy. */
export interface ServerHop extends Canonical<typeof serverHop> {}

const orchestratorHop = variant('orchestrator', 'What stops the server: Kubernetes, systemd.', {
  name: hopName,
  graceMs: duration('From the order to stop to SIGKILL.', { minMs: 0 }),
  preStopMs: withDefault(
    duration('What a hook takes of the grace before SIGTERM.', { minMs: 0 }),
    0,
  ),
});
/** What stops the server: Kubernetes, systemd. */
export interface OrchestratorHop extends Canonical<typeof orchestratorHop> {}

const hopSchema = union('One link of the chain.', [
  clientHop,
  middleboxHop,
  proxyHop,
  serverHop,
  orchestratorHop,
]);
/** One link of a chain, told apart by `kind`. */
export type Hop = Canonical<typeof hopSchema>;

export const chainSchema = titled(
  object(
    'A chain of timeouts from the client to the server.',
    {
      schemaVersion: fileVersion,
      name: name('Name of the chain'),
      title: optional(text('One line for lists; the name when missing.', 200)),
      rttMs: withDefault(
        duration('Round trip between client and server.', { maxMs: MAX_RTT_MS }),
        50,
      ),
      load: withDefault(
        described(
          loadSchema,
          'What the application sends; idle: anything from nothing to as much as it can.',
        ),
        { kind: 'idle' },
      ),
      readerBytesPerSecond: withDefault(
        integer('The slowest reader that must be served, bytes per second.', 1, 2 ** 30),
        DEFAULT_READER_BYTES_PER_SECOND,
      ),
      hops: list('From the client to the server: client, boxes, server, orchestrator.', hopSchema, {
        minItems: 1,
        maxItems: MAX_HOPS,
      }),
      lint: optional(lintSettings),
    },
    { ignored: ['$schema'] },
  ),
);

/** A chain of timeouts. Made by `defineChain` or `parseChain`; never by hand. */
export interface Chain extends Canonical<typeof chainSchema> {}
/** A chain as `defineChain` takes it. */
export interface ChainInput extends Written<typeof chainSchema> {}
