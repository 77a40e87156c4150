/**
 * What the rules look at: a policy with the path it runs on, and a chain with its hops at hand. A policy
 * alone is looked at under every load on a path of 50 ms; in a chain, under the loads that its
 * application has.
 */
import { assert } from '../assert.ts';
import { policyOfServer } from '../chain/index.ts';
import type {
  Chain,
  ClientHop,
  Hop,
  MiddleboxHop,
  OrchestratorHop,
  ProxyHop,
  ServerHop,
} from '../chain/types.ts';
import type { Policy } from '../policy/types.ts';
import type { Load } from '../scenario/types.ts';

/** A policy and the circumstances that its rules are judged by. */
export interface PolicySubject {
  readonly policy: Policy;
  readonly rttMs: number;
  /** What the application may be sending, the quietest first. */
  readonly loads: readonly Load[];
  /** The slowest reader that must be served. */
  readonly readerBytesPerSecond: number;
  /** Where the server runs; undefined = not said. */
  readonly platform: ServerHop['platform'];
  /** What stands before `mechanisms` in a path. */
  readonly prefix: string;
}

/** A hop and its place in the chain. */
export interface Placed<H extends Hop> {
  readonly hop: H;
  readonly index: number;
}

/** A box on the way. */
export type Box = Placed<MiddleboxHop | ProxyHop>;

/** A chain with its hops by kind. */
export interface ChainSubject {
  readonly chain: Chain;
  readonly client: Placed<ClientHop> | undefined;
  /** In order, the client's side first. */
  readonly boxes: readonly Box[];
  readonly server: Placed<ServerHop>;
  readonly orchestrator: Placed<OrchestratorHop> | undefined;
  readonly served: PolicySubject;
}

const IDLE: Load = { kind: 'idle' };
const BUSY: Load = { kind: 'periodic', bytes: 1_024, everyMs: 500, direction: 'server' };
const SATURATED: Load = { kind: 'saturated', messageBytes: 65_536 };

/** A local path is quicker, a phone slower: what the scenarios stand on. */
const DEFAULT_RTT_MS = 50;
/** What `live-slow-reader` reads: 800 kbit/s. */
const DEFAULT_READER_BYTES_PER_SECOND = 100_000;

/** A policy by itself. */
export function policySubject(policy: Policy): PolicySubject {
  return {
    policy,
    rttMs: DEFAULT_RTT_MS,
    loads: [IDLE, BUSY, SATURATED],
    readerBytesPerSecond: DEFAULT_READER_BYTES_PER_SECOND,
    platform: undefined,
    prefix: '',
  };
}

/** From what an application sends at its quietest to full speed. */
function loadsFrom(quietest: Load): readonly Load[] {
  if (quietest.kind === 'saturated') return [quietest];
  return quietest.kind === 'idle' ? [IDLE, BUSY, SATURATED] : [quietest, SATURATED];
}

function hopsOf<K extends Hop['kind']>(
  { hops }: Chain,
  kinds: readonly K[],
): readonly Placed<Extract<Hop, { readonly kind: K }>>[] {
  return hops.flatMap((hop, index) =>
    kinds.some((kind) => kind === hop.kind)
      ? [{ hop: hop as Extract<Hop, { readonly kind: K }>, index }]
      : [],
  );
}

/** A chain with its hops by kind. */
export function chainSubject(chain: Chain): ChainSubject {
  const [server] = hopsOf(chain, ['server']);
  assert(server !== undefined, 'a parsed chain has a server');
  const { hop, index } = server;
  return {
    chain,
    client: hopsOf(chain, ['client'])[0],
    boxes: hopsOf(chain, ['middlebox', 'proxy']),
    server,
    orchestrator: hopsOf(chain, ['orchestrator'])[0],
    served: {
      policy: policyOfServer(hop),
      rttMs: chain.rttMs,
      loads: loadsFrom(chain.load),
      readerBytesPerSecond: chain.readerBytesPerSecond,
      platform: hop.platform,
      prefix: hop.policy === undefined ? `hops[${index}].preset: ` : `hops[${index}].policy.`,
    },
  };
}

/** Path of a hop's field. */
export function at({ index }: Placed<Hop>, field: string): string {
  return `hops[${index}].${field}`;
}

/** What a message calls a hop. */
export function called({ hop }: Placed<Hop>): string {
  return hop.name ?? `the ${hop.kind}`;
}
