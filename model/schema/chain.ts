/** The shape of a chain file: field names, ranges, defaults and what each field means. */
import type {
  Chain,
  ClientHop,
  Expiry,
  Hop,
  MiddleboxHop,
  OrchestratorHop,
  ProxyHop,
  ServerHop,
} from '../chain/types.ts';
import { policyShape } from './policy.ts';
import { loadShape } from './scenario.ts';
import {
  choice,
  integer,
  nullable,
  object,
  optional,
  required,
  text,
  union,
  withDefault,
  type Field,
} from './shape.ts';
import { duration, lintSettingsShape, nameShape, policyNameShape } from './words.ts';

/** More hops than any request passes. */
const MAX_HOPS = 16;
/** As for a scenario's path: a minute is a typing error's size. */
const MAX_RTT_MS = 60_000;
/** What `live-slow-reader` reads: 800 kbit/s. */
const DEFAULT_READER_BYTES_PER_SECOND = 100_000;

type Fields<H extends Hop> = { readonly [K in Exclude<keyof Required<H>, 'kind'>]: Field };

const name = optional(text('What people call it.', 64));

const poolIdleMs = optional(
  nullable(
    duration('How long its pool keeps an idle connection towards the server; absent: no pool.'),
    'for ever',
  ),
);

function atExpiry(fallback: Expiry): Field {
  return withDefault(
    choice<Expiry>(
      'What follows: `silent`, nobody is told; `reset`, whoever sends next is reset; `close`, both ends are closed.',
      ['silent', 'reset', 'close'],
    ),
    fallback,
  );
}

const client: Fields<ClientHop> = {
  name,
  heartbeatMs: optional(duration('How often the client itself sends a ping or a heartbeat.')),
  timers: withDefault(
    choice<ClientHop['timers']>(
      '`page`: timers of a web page, which a hidden tab runs once a minute; `process`: of anything else.',
      ['process', 'page'],
    ),
    'process',
  ),
  readTimeoutMs: optional(
    duration('How long the client hears nothing before it gives the server up.'),
  ),
  poolIdleMs,
};

/** What judges is the server: the other hops are described by the times that matter to it. */
const CLIENT_JUDGES =
  'a chain judges its server, not its client: write how often the client sends (heartbeatMs) and how long it waits for the server (readTimeoutMs), and lint its policy by itself';
const BOX_JUDGES =
  'a chain judges its server: write after what time without traffic this box ends or forgets a connection (idleMs), and lint its policy by itself';

const middlebox: Fields<MiddleboxHop> = {
  name,
  idleMs: required(nullable(duration('Time without a packet until it forgets the flow.'), 'never')),
  atExpiry: atExpiry('silent'),
};

const proxy: Fields<ProxyHop> = {
  name,
  idleMs: required(nullable(duration('Time without a byte until it ends the connection.'), 'never')),
  atExpiry: atExpiry('close'),
  poolIdleMs,
  heartbeatMs: optional(duration('How often it pings the next hop of its own.')),
  speaks: optional(
    choice<'tcp' | 'http2'>(
      'The innermost protocol that it ends: HTTP/2 pings end at `http2` and pass `tcp`; absent: `http2` where pings are HTTP/2\'s.',
      ['tcp', 'http2'],
    ),
  ),
};

const server: Fields<ServerHop> = {
  name,
  preset: optional({
    ...policyNameShape,
    description: 'A built-in policy by name or alias, with its options: `bun(idleTimeout=30s)`.',
  }),
  policy: optional({ ...policyShape, name: 'policy' }),
  platform: optional(
    choice<'linux' | 'other'>('Where it runs; some mechanisms exist on Linux only.', [
      'linux',
      'other',
    ]),
  ),
  httpKeepAliveMs: optional(
    duration('How long it keeps an idle HTTP connection for the next request.'),
  ),
  minPingMs: optional(duration("Least time between a client's pings; faster ones end it.")),
  readTimeoutMs: optional(
    duration('How long a client may say nothing, beside what the policy does.'),
  ),
  writeWaitMs: optional(duration('How long one write may take.')),
  closeTimeoutMs: optional(duration('How long the answer to a Close frame is waited for.')),
};

const orchestrator: Fields<OrchestratorHop> = {
  name,
  graceMs: required(duration('From the order to stop to SIGKILL.', { minMs: 0 })),
  preStopMs: withDefault(
    duration('What a hook takes of the grace before SIGTERM.', { minMs: 0 }),
    0,
  ),
};

const hopShape = union<Hop>('One link of the chain.', {
  client: {
    description: 'Who opens the connection.',
    fields: client,
    instead: { preset: CLIENT_JUDGES, policy: CLIENT_JUDGES },
  },
  middlebox: {
    description: 'Forwards packets and keeps a table of flows: NAT, layer 4 balancer, firewall.',
    fields: middlebox,
    instead: { preset: BOX_JUDGES, policy: BOX_JUDGES },
  },
  proxy: {
    description: 'Ends TCP and opens a connection of its own: nginx, HAProxy, Envoy, a CDN.',
    fields: proxy,
    instead: { preset: BOX_JUDGES, policy: BOX_JUDGES },
  },
  server: { description: 'The process that serves, with its reaper policy.', fields: server },
  orchestrator: { description: 'What stops the server: Kubernetes, systemd.', fields: orchestrator },
});

export const chainShape = {
  ...object<Chain>('A chain of timeouts from the client to the server.', {
    schemaVersion: withDefault(choice('Version of this format.', [1]), 1),
    name: required({ ...nameShape, description: `Name of the chain. ${nameShape.description}` }),
    title: optional(text('One line for lists; the name when missing.', 200)),
    rttMs: withDefault(
      duration('Round trip between client and server.', { maxMs: MAX_RTT_MS }),
      50,
    ),
    load: withDefault(
      { ...loadShape, description: 'What the application sends; idle: anything from nothing to as much as it can.' },
      { kind: 'idle' },
    ),
    readerBytesPerSecond: withDefault(
      integer('The slowest reader that must be served, bytes per second.', 1, 2 ** 30),
      DEFAULT_READER_BYTES_PER_SECOND,
    ),
    hops: required({
      type: 'list',
      description: 'From the client to the server: client, boxes, server, orchestrator.',
      item: hopShape,
      minItems: 1,
      maxItems: MAX_HOPS,
      unique: false,
    }),
    lint: optional(lintSettingsShape),
  }),
  ignored: ['$schema'],
};
