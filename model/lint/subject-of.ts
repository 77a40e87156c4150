/** Makes what the rules look at, of a policy by itself and of a stack. */
import type { Environment } from '../scenario/environment.ts';
import { serverMessagePeriodMs } from '../scenario/load.ts';
import type { KernelSetting, Load } from '../scenario/types.ts';
import { assert } from '../assert.ts';
import { presetNamed } from '../policy/presets/find.ts';
import type { PresetTag } from '../policy/presets/definition.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { PatchStep } from '../results/lint-schema.ts';
import {
  carriesRequests,
  effectiveServer,
  hopsOf,
  isOfRequests,
  loadOf,
  optionOf,
  partyName,
  settingFor,
  statedPolicy,
  wayOf,
  wholeRttMs,
  type EffectivePolicy,
  type Hop,
  type Measure,
  type Placed,
  type Stack,
} from '../stack/index.ts';
import type { Place, PolicySubject, StackSubject } from './subject.ts';
import { at, heardByClient, quietMs } from './link.ts';
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
function roleOf(policy: Policy): Role {
  const found = presetNamed(policy.name);
  const tags: readonly PresetTag[] = found.ok ? found.value.tags : [];
  const has = (tag: PresetTag): boolean => tags.includes(tag);
  const isForRequests = isOfRequests(policy);
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
    places: policy.mechanisms.map(
      (_, index) =>
        (field): string =>
          `mechanisms[${index}]${field === undefined ? '' : `.${field}`}`,
    ),
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

/** Settings of the two kernels as a stack has them: those of its server, and of its client. */
function kernelsOf(
  client: Hop,
  server: Hop,
  environment: Environment,
): Pick<PolicySubject, 'kernel'> {
  const side = <K extends string>(key: K, own: Readonly<Record<string, number>>) =>
    Object.keys(own).length === 0 ? {} : { [key]: own };
  return kernelOf({
    ...side('serverSysctls', server.kernel.sysctls),
    ...side('clientSysctls', client.kernel.sysctls),
    ...side('serverSocketOptions', server.kernel.socketOptions),
    ...side('clientSocketOptions', client.kernel.socketOptions),
    ...environment,
  });
}

function sameText(a: readonly Mechanism[], b: readonly Mechanism[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Times that stand in the mechanisms that are wanted, and not in those that are there. */
function newTimes(wanted: readonly Mechanism[], there: readonly Mechanism[]): readonly number[] {
  const times = (of: readonly Mechanism[]): readonly number[] =>
    of.flatMap((one) => Object.values(one).filter((value) => typeof value === 'number'));
  const known = new Set(times(there));
  return [...new Set(times(wanted))].filter((value) => !known.has(value));
}

/** The one option that makes the mechanisms that are wanted; else they are a policy of one's own. */
function cureOfHop({ hop }: Placed, base: Policy): PolicySubject['cure'] {
  return (mechanisms) => {
    const { place, system } = hop;
    if (system === null) {
      return [{ op: 'replace', path: `${place}/policy/mechanisms`, value: mechanisms }];
    }
    for (const ms of newTimes(mechanisms, base.mechanisms)) {
      const makes: Measure = ({ policy }) =>
        policy !== null && sameText(policy.mechanisms, mechanisms) ? ms : undefined;
      const found = settingFor(hop, makes, ms);
      if (found !== undefined) {
        return [{ op: 'add', path: `${place}/options/${found.option}`, value: found.text }];
      }
    }
    const { name: _name, title: _title, claim: _claim, truth: _truth, ...rest } = base;
    const policy = { ...rest, name: 'cured', mechanisms };
    const own = system.options.filter(({ name }) => hop.settings.has(name));
    return [
      { op: 'remove', path: `${place}/system` },
      ...own.map(({ name }): PatchStep => ({ op: 'remove', path: `${place}/options/${name}` })),
      { op: 'add', path: `${place}/policy`, value: policy },
    ];
  };
}

/** What is left from SIGTERM to SIGKILL. */
function killedAfterMs({ graceMs, preStopMs = 0 }: Hop): number | null {
  return graceMs === null || graceMs === undefined ? null : Math.max(0, graceMs - preStopMs);
}

/** Where a mechanism of the server is written: the option that sets it, or its place in the policy. */
function placeOf({ hop }: Placed, { from }: EffectivePolicy['rows'][number]): Place {
  if (typeof from === 'string') {
    const option = optionOf(hop, (facts) => facts[from] as number | null | undefined);
    return () => `${hop.called}(${option ?? from})`;
  }
  const field = (name: string | undefined): Measure => {
    const valueOf = (one: Mechanism | undefined): number | undefined => {
      const values = Object.entries(one ?? {});
      const value = values.find(([key]) => key === name)?.[1];
      return typeof value === 'number' ? value : undefined;
    };
    return ({ policy }) => valueOf(policy?.mechanisms[from]);
  };
  return (name) => {
    const option = name === undefined ? undefined : optionOf(hop, field(name));
    if (option !== undefined) return `${hop.called}(${option})`;
    return `${hop.called}: mechanisms[${from}]${name === undefined ? '' : `.${name}`}`;
  };
}

/** A heartbeat that messages of the server put off, again and again before it is due, never comes. */
function withoutPutOff(policy: Policy, load: Load): Policy {
  const { peerHeartbeat, ...rest } = policy;
  const talks = serverMessagePeriodMs({ load }) ?? Infinity;
  const isPutOff = peerHeartbeat?.putOffBy === 'received' && talks <= peerHeartbeat.everyMs;
  return isPutOff ? { ...rest, name: `${policy.name}.put-off` } : policy;
}

/** A stack with its hops by role. */
export function stackSubject(stack: Stack, environment: Environment = {}): StackSubject {
  const way = wayOf(stack);
  const [client, server] = [way[0], way.at(-1)];
  assert(client !== undefined && server !== undefined, 'a stack has two ends');
  const boxes = way.slice(1, -1);
  const stop = hopsOf(stack).find(({ role }) => role === 'orchestrator');
  const base = statedPolicy(server.hop);
  const rttMs = environment.rttMs ?? wholeRttMs(stack);
  const load = loadOf(stack);
  const { policy: effective, rows } = effectiveServer(stack);
  const policy = withoutPutOff(effective, load);
  return {
    stack,
    rttMs,
    load,
    client,
    boxes,
    server,
    orchestrator: stop === undefined ? undefined : { hop: stop, index: way.length },
    isServerStated: server.hop.policy !== null,
    served: {
      policy,
      places: rows.map((row) => placeOf(server, row)),
      ...roleOf(base),
      stated: base,
      whole: `${server.hop.called}: mechanisms`,
      peer: 'client',
      judge: 'server',
      isForRequests: carriesRequests(stack),
      rttMs,
      ...kernelsOf(client.hop, server.hop, environment),
      loads: load.kind === 'idle' ? [IDLE, BUSY, SATURATED] : [load],
      isLoadAssumed: load.kind === 'idle',
      readerBytesPerSecond: client.hop.readsBytesPerSecond ?? DEFAULT_READER_BYTES_PER_SECOND,
      platform: server.hop.platform,
      killedAfterMs: stop === undefined ? null : killedAfterMs(stop),
      cure: cureOfHop(server, base),
    },
  };
}

/** The client as the one who judges, and the server as the one who is heard; null where it waits for ever. */
export function listeningClient(subject: StackSubject): PolicySubject | null {
  const { stack, client, served } = subject;
  const timeoutMs = client.hop.readTimeoutMs;
  if (timeoutMs === undefined) return null;
  // Whose protocol has heartbeats answers them, or sends its own: how often is not stated.
  if (served.stated.peerHeartbeat !== undefined) return null;
  const everyMs = quietMs(subject, heardByClient(subject));
  const policy: Policy = {
    schemaVersion: 1,
    name: partyName(stack, client),
    title: `${client.hop.called}, the client`,
    mechanisms: [{ kind: 'receive-deadline', timeoutMs, life: ['any-byte'] }],
    ...(everyMs === null
      ? {}
      : { peerHeartbeat: { everyMs, sign: 'ping', bytes: 2, sentBy: 'websocket' } }),
  };
  return {
    ...served,
    policy,
    stated: policy,
    places: [() => at(client, (facts) => facts.readTimeoutMs)],
    whole: client.hop.called,
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
  return place === undefined ? whole : place(field);
}
