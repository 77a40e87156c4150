/** Makes what the rules look at, of a policy by itself and of a chain. */
import type { Environment } from '../scenario/environment.ts';
import type { KernelSetting } from '../scenario/types.ts';
import { assert } from '../assert.ts';
import { policyOfServer } from '../chain/index.ts';
import type { Chain, Hop, OrchestratorHop, ServerHop } from '../chain/types.ts';
import { presetNamed } from '../policy/presets/find.ts';
import type { PresetTag } from '../policy/presets/definition.ts';
import type { Policy } from '../policy/types.ts';
import type { ChainSubject, Placed, PolicySubject } from './subject.ts';
import { effectiveOfServer, heardByClient, quietMs } from './link.ts';
import { BUSY, IDLE, SATURATED } from './story.ts';

/** A local path is quicker, a phone slower: what the scenarios stand on. */
const DEFAULT_RTT_MS = 50;
/** What `live-slow-reader` reads: 800 kbit/s. */
const DEFAULT_READER_BYTES_PER_SECOND = 100_000;

interface Role {
  readonly peer: string;
  readonly judge: string;
  readonly isForRequests: boolean;
}

/** Who judges whom under a policy of that name: built-in ones say it by their tags. */
function roleOf({ name }: Policy): Role {
  const found = presetNamed(name);
  const tags: readonly PresetTag[] = found.ok ? found.value.tags : [];
  const has = (tag: PresetTag): boolean => tags.includes(tag);
  const isForRequests = has('pool') || has('requests');
  if (has('server') && has('client')) return { peer: 'peer', judge: 'process', isForRequests };
  if (has('client') || has('pool')) return { peer: 'server', judge: 'client', isForRequests };
  if (has('proxy') || has('kernel')) return { peer: 'peer', judge: 'process', isForRequests };
  return { peer: 'client', judge: 'server', isForRequests };
}

function kernelOf({ rttMs: _rttMs, ...kernel }: Environment): Pick<PolicySubject, 'kernel'> {
  return Object.keys(kernel).length === 0 ? {} : { kernel: kernel as Partial<KernelSetting> };
}

/** A policy by itself. */
export function policySubject(policy: Policy, environment: Environment = {}): PolicySubject {
  return {
    policy,
    stated: policy,
    places: policy.mechanisms.map((_, index) => ({ path: `mechanisms[${index}]`, isField: false })),
    whole: 'mechanisms',
    ...roleOf(policy),
    rttMs: environment.rttMs ?? DEFAULT_RTT_MS,
    ...kernelOf(environment),
    loads: [IDLE, BUSY, SATURATED],
    isLoadAssumed: false,
    readerBytesPerSecond: DEFAULT_READER_BYTES_PER_SECOND,
    platform: undefined,
    killedAfterMs: null,
    cure: (mechanisms) => [{ op: 'replace', path: '/mechanisms', value: mechanisms }],
  };
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

function cureOfHop(hop: ServerHop, index: number, base: Policy): PolicySubject['cure'] {
  return (mechanisms) => {
    const path = `/hops/${index}`;
    if (hop.preset === undefined) {
      return [{ op: 'replace', path: `${path}/policy/mechanisms`, value: mechanisms }];
    }
    const { name: _name, title: _title, claim: _claim, truth: _truth, ...rest } = base;
    const policy = { ...rest, name: 'cured', mechanisms };
    return [
      { op: 'remove', path: `${path}/preset` },
      { op: 'add', path: `${path}/policy`, value: policy },
    ];
  };
}

/** What is left from SIGTERM to SIGKILL. */
function graceMs({ graceMs: wholeMs, preStopMs }: OrchestratorHop): number {
  return Math.max(0, wholeMs - preStopMs);
}

/** A chain with its hops by kind. */
export function chainSubject(stated: Chain, environment: Environment = {}): ChainSubject {
  const chain = { ...stated, rttMs: environment.rttMs ?? stated.rttMs };
  const [server] = hopsOf(chain, ['server']);
  assert(server !== undefined, 'a parsed chain has a server');
  const { hop, index } = server;
  const client = hopsOf(chain, ['client'])[0];
  const boxes = hopsOf(chain, ['middlebox', 'proxy']);
  const orchestrator = hopsOf(chain, ['orchestrator'])[0];
  const base = policyOfServer(hop);
  const prefix = hop.policy === undefined ? `hops[${index}].preset: ` : `hops[${index}].policy.`;
  const ends = { client, boxes, server };
  const isPooled = [client, ...boxes].some(
    (one) => one !== undefined && 'poolIdleMs' in one.hop && one.hop.poolIdleMs !== undefined,
  );
  return {
    ...ends,
    chain,
    orchestrator,
    isServerStated: hop.preset !== undefined || hop.policy !== undefined,
    served: {
      ...effectiveOfServer(chain, ends, base, prefix),
      ...roleOf(base),
      stated: base,
      whole: `${prefix}mechanisms`,
      peer: 'client',
      judge: 'server',
      isForRequests: isPooled || hop.httpKeepAliveMs !== undefined || roleOf(base).isForRequests,
      rttMs: chain.rttMs,
      ...kernelOf(environment),
      loads: chain.load.kind === 'idle' ? [IDLE, BUSY, SATURATED] : [chain.load],
      isLoadAssumed: chain.load.kind === 'idle',
      readerBytesPerSecond: chain.readerBytesPerSecond,
      platform: hop.platform,
      killedAfterMs: orchestrator === undefined ? null : graceMs(orchestrator.hop),
      cure: cureOfHop(hop, index, base),
    },
  };
}

/** The client as the one who judges, and the server as the one who is heard; null where it waits for ever. */
export function listeningClient(subject: ChainSubject): PolicySubject | null {
  const { chain, client, served } = subject;
  const timeoutMs = client?.hop.readTimeoutMs;
  if (client === undefined || timeoutMs === undefined) return null;
  // Whose protocol has heartbeats answers them, or sends its own: how often is not stated.
  if (served.stated.peerHeartbeat !== undefined) return null;
  const everyMs = quietMs(chain, heardByClient(subject, served.policy));
  const policy: Policy = {
    schemaVersion: 1,
    name: `${chain.name}.client`,
    title: `${chain.name}, its client`,
    mechanisms: [{ kind: 'receive-deadline', timeoutMs, life: ['any-byte'] }],
    ...(everyMs === null
      ? {}
      : { peerHeartbeat: { everyMs, sign: 'ping', bytes: 2, sentBy: 'websocket' } }),
  };
  return {
    ...served,
    policy,
    stated: policy,
    places: [{ path: `hops[${client.index}].readTimeoutMs`, isField: true }],
    whole: `hops[${client.index}]`,
    peer: 'server',
    judge: 'client',
    platform: undefined,
    killedAfterMs: null,
    loads: [IDLE],
    cure: () => [],
  };
}

/** Path of a mechanism, or of all of them; `field` where the mechanism has one. */
export function mechanismPath(
  { places, whole }: PolicySubject,
  index: number | undefined,
  field?: string,
): string {
  const place = index === undefined ? undefined : places[index];
  if (place === undefined) return whole;
  return field === undefined || place.isField ? place.path : `${place.path}.${field}`;
}
