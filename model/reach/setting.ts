/**
 * What a policy and a scenario come to as numbers for the exploration, and what it declines to speak of: the kernels' rules in
 * jiffies, the path in µs, who speaks of its own, and what a fault leaves of the other side.
 */
import { canonicalJson } from '../canonical-json.ts';
import { faultKindOf } from '../faults/index.ts';
import {
  DELAYED_ACK_MAX_MS,
  INITIAL_CWND,
  MSS,
  PROBE_SLACK_US,
  LATEST_ACKNOWLEDGEMENT_MS,
} from '../linux/constants.ts';
import { msToJiffies, usToJiffies } from '../linux/jiffies.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import { hasRegion } from '../machines/reaper/index.ts';
import { serverMessagePeriodMs } from '../scenario/load.ts';
import { settleMs } from '../scenario/settle.ts';
import { policyOn } from '../scenario/degraded-policy.ts';
import { kindOf } from '../mechanisms/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import { kernelOptions } from '../reaper/kernel-options.ts';
import { compileRegion, type Region } from '../reaper/region.ts';
import { LifeBit } from '../reaper/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { actsEver, sendsPings, type Happening } from './acting.ts';
import { NotModelled } from './not-modelled.ts';
import { refuseOptions } from './options.ts';
import { limitsQueue } from './queue-limit.ts';
import { always, latenessOf, pings, varianceUs, type Lateness } from './sample-delay.ts';
import { fullOf, type Behind, type Full } from './saturated.ts';

const US_PER_MS = 1_000;

/** A span of jiffies or of µs. */
export interface Span {
  readonly lo: number;
  readonly hi: number;
}

/** A mechanism of the process: its compiled table, and the thread that runs it. */
export interface Part {
  readonly region: Region;
  readonly mechanism: Mechanism;
  /** Mechanisms of one thread run out in order at one instant, and hear of each other's pings; `beyond`: a limit of a proxy, which hears what comes though the process stands still. */
  readonly thread: 'loop' | 'write' | 'watchdog' | 'beyond';
  /** What its end is called, where it is a limit of a proxy: that lets go, and the server is told. */
  readonly tells?: string;
  /** It hears of the answers of the server alone, which come when that reads. */
  readonly hearsAnswers?: true;
  /** Whether its ping goes to the peer's application. */
  readonly pingsApplication: boolean;
}

/** Something that the peer sends of its own, at a rhythm. */
export interface Beat {
  readonly everyUs: number;
  /** Bits of LifeBit that the server reads. */
  readonly bits: number;
  readonly byApplication: boolean;
  /** What it is called in an explanation. */
  readonly name: string;
}

/** The server's kernel. */
export interface KernelNumbers {
  readonly hz: number;
  readonly tickUs: number;
  /** RTO before any back-off, jiffies. */
  readonly rto: Span;
  /** Tail loss probe with several segments in flight, jiffies; a lone one is watched by the timeout, which is shorter. */
  readonly crowdedProbe: Span;
  readonly rtoMaxJ: number;
  readonly rtoMaxMs: number;
  readonly rtoMinUs: number;
  readonly tailLossProbe: boolean;
  readonly retries2: number;
  /** `tcp_orphan_retries`, and `tcp_fin_timeout` in ms. */
  readonly orphanRetries: number;
  readonly finTimeoutMs: number;
  /** TCP_USER_TIMEOUT, ms; 0 = not set. */
  readonly userTimeoutMs: number;
  readonly keepalive: {
    readonly idleJ: number;
    readonly intervalJ: number;
    readonly probes: number;
  } | null;
}

/** All that the exploration knows of a cell. */
export interface Setting {
  readonly policy: Policy;
  /** In an order of their own: see {@link Cell.turns} for the engine's. */
  readonly parts: readonly Part[];
  readonly kernel: KernelNumbers;
  readonly toClientUs: number;
  readonly toServerUs: number;
  readonly rttUs: number;
  /** Until what is sent is acknowledged, and the way back of that: of the same path, or of its part up to the kernel that is followed. */
  readonly ackRttUs: number;
  readonly ackToServerUs: number;
  /** The longest that an acknowledgement of the peer's kernel is delayed, µs. */
  readonly ackDelayUs: number;
  /** The server's application writes so often; null = it does not. */
  readonly writes: { readonly everyUs: number; readonly bytes: number } | null;
  /** It writes as fast as the send path takes it; null = it does not. */
  readonly full: Full | null;
  /** What is sent stands behind such a load, of which nobody hears; null = it does not. */
  readonly behind: Behind | null;
  /** Whether the client's application acknowledges each message of it. */
  readonly answersMessages: boolean;
  readonly beats: readonly Beat[];
  /** A limit on the queue, which is not followed, may be exceeded. */
  readonly limitsQueue: boolean;
  /** A pool's entry rests so long, from when it has settled, and is then taken for a query; null = nobody asks. */
  readonly query: { readonly restUs: number; readonly settleUs: number } | null;
  /** Proxies stand between, and the kernel that is followed is the first one's; null = none do. */
  readonly through: Through | null;
}

/** What is behind proxies, seen from the first of them. */
export interface Through {
  /** The first proxy's name. */
  readonly name: string;
  /** Round trip between it and the server, µs: what its kernel ends, the server hears of no later. */
  readonly beyondUs: number;
  /** The server's own kernel, and the round trip to the proxy before it. */
  readonly server: KernelNumbers;
  readonly serverRttUs: number;
  /** A proxy that is told of one side's end ends the other as well; else each hands it on. */
  readonly closesBoth: boolean;
  /** The longest heartbeat of the peer. */
  readonly heartbeatBytes: number;
  /** Something of the server's own kernel, which is not followed, may end the connection once all buffers are full. */
  readonly leavesOut: boolean;
}

function threadOf(mechanism: Mechanism): 'loop' | 'write' | 'watchdog' {
  const { carrier } = kindOf(mechanism);
  return carrier === 'watchdog' || carrier === 'write' ? carrier : 'loop';
}

function partsOf(policy: Policy, happens: (pings: boolean) => Happening): Part[] {
  const regions = policy.mechanisms.map((mechanism, index) =>
    // A limit on the queue only ends a connection: to leave it out makes lives longer, never shorter.
    hasRegion(mechanism) && mechanism.kind !== 'send-queue-limit'
      ? compileRegion(mechanism, index)
      : null,
  );
  const happening = happens(regions.some((region) => region !== null && sendsPings(region)));
  const parts = policy.mechanisms.flatMap((mechanism, index): Part[] => {
    const region = regions[index] ?? null;
    if (region === null || !actsEver(region, happening)) return [];
    const pingsApplication = kindOf(mechanism).asks(mechanism)?.answeredBy === 'application';
    return [{ region, mechanism, thread: threadOf(mechanism), pingsApplication }];
  });
  return inOneOrder(parts);
}

/** However a policy lists them: in which order states are met, and joined, must not hang on that. */
function inOneOrder(parts: readonly Part[]): Part[] {
  const named = parts.map((part) => ({ part, name: canonicalJson(part.mechanism) }));
  return named
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .map(({ part }) => part);
}

/** What the application's answer to a message is. */
export const ACKNOWLEDGEMENT = LifeBit.AnyByte | LifeBit.Message | LifeBit.ApplicationAck;

const BEAT_BITS = {
  ping: LifeBit.Ping,
  pong: LifeBit.UnsolicitedPong,
  message: LifeBit.Message,
} as const;

function beatsOf({ peerHeartbeat }: Policy, { load, client }: Scenario): Beat[] {
  const beats: Beat[] = [];
  if (load.kind === 'periodic' && load.direction !== 'server') {
    const bits = LifeBit.AnyByte | LifeBit.Message;
    const everyUs = load.everyMs * US_PER_MS;
    beats.push({ everyUs, bits, byApplication: true, name: 'the client’s next message' });
  }
  if (peerHeartbeat !== undefined) {
    const { everyMs, sign, sentBy } = peerHeartbeat;
    beats.push({
      everyUs: everyMs * US_PER_MS,
      bits: LifeBit.AnyByte | BEAT_BITS[sign],
      byApplication: sentBy === 'application',
      name: 'the peer’s next heartbeat',
    });
  }
  const pingEveryMs = client?.pingEveryMs ?? null;
  if (pingEveryMs !== null) {
    beats.push({
      everyUs: pingEveryMs * US_PER_MS,
      bits: LifeBit.AnyByte | LifeBit.Ping,
      byApplication: false,
      name: 'the client’s next ping',
    });
  }
  return beats;
}

/**
 * The timeout before any back-off, over all that the estimator can have seen: samples of one round trip, and
 * where the peer's acknowledgement of a write may be delayed, of that delay more. The smoothed round trip lies among its samples.
 *
 * @param delayUs the smoothed round trip is above the path's by no more
 * @param mostVarianceUs the variance term at most, but for its floor
 */
export function rtoOf(
  rttUs: number,
  delayUs: number,
  rtoMinUs: number,
  rtoMaxJ: number,
  hz: number,
  mostVarianceUs: number = varianceUs(rttUs, delayUs),
): Span {
  return {
    lo: Math.min(usToJiffies(rttUs + rtoMinUs, hz), rtoMaxJ),
    hi: Math.min(usToJiffies(rttUs + delayUs + Math.max(rtoMinUs, mostVarianceUs), hz), rtoMaxJ),
  };
}

/** Whether anything that the server's own thread sends may stand behind a blocked send: its pings, or its pongs. */
function asksPeer({ mechanisms, peerHeartbeat }: Policy): boolean {
  const asks = mechanisms.some((one) => kindOf(one).asks(one) !== null);
  return asks || peerHeartbeat?.sign === 'ping';
}

/** What of a scenario is not explored. @throws NotModelled with the reason */
function refuse(stated: Policy, scenario: Scenario): void {
  const { path, load, server, story } = scenario;
  const { peerHeartbeat } = stated;
  if (peerHeartbeat?.putOffBy !== undefined) throw new NotModelled('a heartbeat that is put off');
  if (scenario.client?.neverSends !== undefined) {
    throw new NotModelled('a client that never gives a sign of life');
  }
  if (scenario.boxes !== undefined) throw new NotModelled('a box that forgets, beside the story');
  if (scenario.proxies !== undefined) throw new NotModelled('a proxy between client and server');
  if ((path.jitterMs ?? 0) > 0) throw new NotModelled('jitter on the path');
  if (path.mtuBytes !== undefined) throw new NotModelled('another MTU than 1500');
  if (path.risesToMs !== undefined) throw new NotModelled('a round trip that rises');
  if ((path.lossPercent ?? 0) > 0) throw new NotModelled('loss on the path');
  refuseOptions(scenario);
  if (story.kind === 'pool' && server.broken?.kind === 'loop-stalled') {
    throw new NotModelled('a query that waits for a stalled loop');
  }
  const written = load.kind === 'periodic' ? load.bytes : 0;
  if (Math.max(written, peerHeartbeat?.bytes ?? 0) > (INITIAL_CWND / 2) * MSS) {
    throw new NotModelled('messages larger than half the first congestion window');
  }
  const writesEveryMs = serverMessagePeriodMs(scenario);
  if (writesEveryMs !== null && writesEveryMs <= path.rttMs + LATEST_ACKNOWLEDGEMENT_MS) {
    throw new NotModelled('writes that overtake their acknowledgements');
  }
  if (server.sendPath === 'locked' && writesEveryMs !== null && asksPeer(stated)) {
    throw new NotModelled('a ping that waits for the lock of a blocked send');
  }
  const ends =
    scenario.kind === 'fault' ? faultKindOf(scenario.fault).remains(scenario.fault).ends : null;
  // A Close frame is data: until the process answers it, the connection stays ESTABLISHED.
  if (ends?.with === 'close' && server.broken?.kind === 'loop-stalled') {
    throw new NotModelled('a closing handshake that a stalled loop does not answer');
  }
}

/**
 * @param lateness of the acknowledgements that the estimator has seen
 * @param mostVarianceUs see {@link rtoOf}
 */
export function kernelOf(
  policy: Policy,
  scenario: Scenario,
  rttUs: number,
  { meanUs, mostUs }: Lateness,
  mostVarianceUs: number = varianceUs(rttUs, mostUs),
): KernelNumbers {
  const { hz } = scenario.kernel;
  const values = sysctlsOf(scenario, 'server');
  const rtoMaxMs = values.tcp_rto_max_ms;
  const rtoMaxJ = msToJiffies(rtoMaxMs, hz);
  const rtoMinUs = values.tcp_rto_min_us;
  const { keepalive, userTimeoutMs } = kernelOptions(policy);
  return {
    hz,
    tickUs: 1_000_000 / hz,
    rto: rtoOf(rttUs, meanUs, rtoMinUs, rtoMaxJ, hz, mostVarianceUs),
    crowdedProbe: {
      lo: usToJiffies(2 * rttUs + PROBE_SLACK_US, hz),
      hi: usToJiffies(2 * (rttUs + meanUs) + PROBE_SLACK_US, hz),
    },
    rtoMaxJ,
    rtoMaxMs,
    rtoMinUs,
    tailLossProbe: values.tcp_early_retrans >= 3 && values.tcp_sack > 0,
    retries2: values.tcp_retries2,
    orphanRetries: values.tcp_orphan_retries,
    finTimeoutMs: values.tcp_fin_timeout * US_PER_MS,
    userTimeoutMs: userTimeoutMs ?? 0,
    keepalive:
      keepalive === undefined
        ? null
        : {
            idleJ: msToJiffies(keepalive.idleS * 1000, hz),
            intervalJ: msToJiffies(keepalive.intervalS * 1000, hz),
            probes: keepalive.probes,
          },
  };
}

function queryOf({ story, path }: Scenario): Setting['query'] {
  if (story.kind !== 'pool') return null;
  return { restUs: story.idleMs * US_PER_MS, settleUs: settleMs(path) * US_PER_MS };
}

/**
 * Of a direct link; for any, see through.ts.
 *
 * @param throughProxies the link is the client's to a proxy
 * @throws NotModelled with the reason
 */
export function settingOf(stated: Policy, scenario: Scenario, throughProxies = false): Setting {
  refuse(stated, scenario);
  const { path, load, kernel, server } = scenario;
  const policy = policyOn(stated, server.broken);
  const tickUs = 1_000_000 / kernel.hz;
  const rttUs = Math.round(path.rttMs * US_PER_MS);
  const rtoMinUs = sysctlsOf(scenario, 'server').tcp_rto_min_us;
  const writes =
    load.kind === 'periodic' && load.direction !== 'client'
      ? { everyUs: load.everyMs * US_PER_MS, bytes: load.bytes }
      : null;
  const beats = beatsOf(policy, scenario);
  const mostDelayUs = DELAYED_ACK_MAX_MS * US_PER_MS + 2 * tickUs;
  const answersMessages = policy.mechanisms.some(
    (one) => kindOf(one).countsAcknowledgements?.(one) === true,
  );
  const full = fullOf(
    scenario,
    beats.length > 0 || answersMessages || policy.mechanisms.some(pings),
  );
  const talk = { rttUs, tickUs, rtoMinUs, writes, beats, throughProxies };
  const lateness = full === null ? latenessOf(policy, talk) : always(full.sampleDelayUs);
  const parts = partsOf(policy, (pings) => ({
    pings,
    writes: writes !== null || full !== null,
    drains: full !== null,
    queued: full !== null,
    asks: scenario.story.kind === 'pool',
    arrivals: [
      ...beats.map(({ bits }) => bits),
      ...(uploads(scenario) ? [LifeBit.AnyByte, LifeBit.AnyByte | LifeBit.Message] : []),
      ...(pings ? [LifeBit.AnyByte | LifeBit.Pong] : []),
      ...((answersMessages && (writes !== null || full !== null)) || scenario.story.kind === 'pool'
        ? [ACKNOWLEDGEMENT]
        : []),
    ],
    leavesEstablished: server.broken?.kind === 'loop-stalled' || server.closesAtEof === false,
  }));
  const talks =
    parts.some(({ region }) => sendsPings(region)) ||
    beats.some(({ bits }) => (bits & LifeBit.Ping) !== 0);
  return {
    policy,
    parts,
    limitsQueue: limitsQueue(policy, scenario, talks),
    kernel: kernelOf(
      policy,
      scenario,
      rttUs,
      lateness,
      // Of samples that are not late twice in a row the delay is a mean already.
      full === null ? undefined : Math.max(2 * rttUs, 4 * lateness.meanUs),
    ),
    toClientUs: Math.floor(rttUs / 2),
    toServerUs: Math.ceil(rttUs / 2),
    rttUs,
    ackRttUs: rttUs,
    ackToServerUs: Math.ceil(rttUs / 2),
    ackDelayUs: mostDelayUs,
    writes,
    full,
    behind: null,
    answersMessages,
    beats,
    query: queryOf(scenario),
    through: null,
  };
}

/** Whether the client sends a message that takes its time. */
function uploads(scenario: Scenario): boolean {
  return scenario.kind === 'live' && scenario.silence.kind === 'slow-uploader';
}
