/**
 * A link with proxies on it, as one direct link that is explored like any other.
 *
 * Whoever falls silent is at the far end of the client's link. The kernel that finds that out is the first proxy's, and the process that judges is the server's:
 * the product is of these two. Clocks of the server are looked at as from the first proxy, so that what the server sends leaves that proxy at once; what comes there is
 * heard by the server ρ later, the round trip between the two, and acknowledged at once. A constant shift of all that one party does changes no order of
 * what it hears, and the fault is at the client's link, where nothing is shifted. What the first proxy's kernel ends, the server hears of within ρ.
 *
 * So a life in the stack is a life of this product, and no longer; and each end of a living client in the stack is one in the product. It holds while the proxies hand
 * on at once what they get: paths behind the first are whole, nothing larger than half the first congestion window is sent, none of their buffers is full. Until
 * the first one's socket buffer is full, none is; where something hangs on what follows, nothing is proved.
 *
 * Where the proxies end HTTP/2, a ping of the server is answered by the last of them, over a path that is whole, whatever becomes of the client: it never strikes, is no data
 * to any limit, and is left out. So are pings of the proxies to each other.
 *
 * Of the server's own kernel nothing is followed: the next proxy's answers it, whatever becomes of the client. Its keepalive finds nothing and its user timeout has
 * nothing to wait for, until buffers are full.
 */
import { faultKindOf, silenceKindOf } from '../faults/index.ts';
import { LATEST_ACKNOWLEDGEMENT_MS } from '../linux/constants.ts';
import { allOf, kindOf } from '../mechanisms/index.ts';
import type { LifeSign, Mechanism, Policy } from '../policy/types.ts';
import { serverMessagePeriodMs } from '../scenario/load.ts';
import { mechanismsOfSide } from '../scenario/proxy-side.ts';
import type { Proxy, Scenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { refuseOptions } from './options.ts';
import { hearsBytes, hearsServer, limitParts, pingParts, type Purpose } from './proxy-limits.ts';
import { always } from './sample-delay.ts';
import { kernelOf, settingOf, type Setting, type Through } from './setting.ts';
import type { State } from './state.ts';

const US_PER_MS = 1_000;

/** What is explored, and the story as it happens on the link of whoever falls silent. */
export interface Explored {
  readonly setting: Setting;
  readonly scenario: Scenario;
}

/** @throws NotModelled with the reason */
export function exploredOf(stated: Policy, scenario: Scenario, purpose: Purpose): Explored {
  const { proxies } = scenario;
  const { strikesLink = 0, strikesProxy } = scenario;
  if (proxies === undefined && (strikesLink > 0 || strikesProxy !== undefined)) {
    throw new NotModelled('a story of a stack that is not there');
  }
  if (proxies === undefined) return { setting: settingOf(stated, scenario), scenario };
  refuse(stated, scenario, proxies);
  const ends = endsPings(stated, scenario, proxies, purpose);
  if (strikesOwnLink(scenario, proxies)) return onOwnLink(stated, scenario, proxies, ends, purpose);
  const links = linksOf(ends ? pingless(scenario) : scenario, proxies);
  for (const link of links) refuseOptions(link);
  const [near, last] = [links[0] as Scenario, links.at(-1) as Scenario];
  const { peerHeartbeat, ...rest } = stated;
  const isHeard = peerHeartbeat !== undefined && !(ends && peerHeartbeat.sign !== 'message');
  const inProcess = {
    ...rest,
    ...(isHeard && { peerHeartbeat }),
    mechanisms: [
      ...stated.mechanisms.filter((one) => !isOfTheKernel(one) && !(ends && endsAtProxy(one))),
      ...mechanismsOfSide(proxies[0]?.towardsClient),
    ],
  };
  const setting = settingOf(inProcess, near, true);
  const beyondMs = proxies.reduce((sum, { rttMs }) => sum + rttMs, 0);
  const beyondUs = Math.round(beyondMs * US_PER_MS);
  const limits = proxies.flatMap((proxy, place) => {
    const fromHereMs = proxies.slice(place).reduce((sum, { rttMs }) => sum + rttMs, 0);
    return limitParts(proxy, fromHereMs, purpose, putOffMs(scenario));
  });
  const leftOut = stated.mechanisms.some(
    (one) => (isOfTheKernel(one) && endsFullBuffers(one)) || (ends && endsAtProxy(one)),
  );
  const through: Through = {
    name: proxies[0]?.name ?? '',
    beyondUs,
    server: kernelOf(
      stated,
      last,
      Math.round(last.path.rttMs * US_PER_MS),
      always(setting.ackDelayUs),
    ),
    serverRttUs: Math.round(last.path.rttMs * US_PER_MS),
    heartbeatBytes: stated.peerHeartbeat?.bytes ?? 0,
    closesBoth: proxies.some(({ halfClose }) => halfClose === 'closes-both'),
    leavesOut: leftOut || proxies.some(hearsServer) || proxies.some(limitsWrites),
  };
  return {
    scenario: near,
    setting: {
      ...setting,
      toServerUs: setting.toServerUs + beyondUs,
      rttUs: setting.rttUs + beyondUs,
      limitsQueue: setting.limitsQueue || leftOut || proxies.some(limitsWrites),
      parts: [...setting.parts, ...pingParts(proxies[0]), ...limits],
      through,
    },
  };
}

/**
 * Whether pings end at the proxies.
 *
 * @throws NotModelled where one of them, or its answer, matters to the server or to the client's link
 */
function endsPings(
  stated: Policy,
  scenario: Scenario,
  proxies: readonly Proxy[],
  purpose: Purpose,
): boolean {
  const answering = proxies.filter(({ answersPings }) => answersPings === true);
  if (answering.length === 0) return false;
  if (answering.length < proxies.length) {
    throw new NotModelled('pings that some of the proxies answer, and others hand on');
  }
  const asked = proxies[0]?.towardsClient?.ping !== undefined;
  // Its answers are no data to the limits, but they are to the limits that are explored: those may be over sooner.
  if (asked && purpose === 'earliest' && proxies.some(hearsBytes)) {
    throw new NotModelled("pings of a proxy's own to the client, beside a limit on silence");
  }
  const links = proxies.flatMap(({ rttMs, towardsServer }, place) => [
    { rttMs, timeoutMs: towardsServer?.ping?.timeoutMs },
    { rttMs, timeoutMs: proxies[place + 1]?.towardsClient?.ping?.timeoutMs },
  ]);
  const lastRttMs = proxies.at(-1)?.rttMs ?? 0;
  const own = stated.mechanisms.flatMap((one) => {
    if (kindOf(one).asks(one) === null || isOfTheKernel(one)) return [];
    if (one.kind === 'ping' && one.answeredBy === 'application') return [];
    if (one.kind !== 'ping' || one.granularity !== undefined) {
      throw new NotModelled('a sweep, a test or a coarse timer whose ping ends at a proxy');
    }
    return [{ rttMs: lastRttMs, timeoutMs: one.replyTimeoutMs }];
  });
  for (const { rttMs, timeoutMs } of [...links, ...own]) {
    if ((timeoutMs ?? Infinity) <= rttMs + OWN_KERNEL_MS) {
      throw new NotModelled('a ping with less patience than its own path needs');
    }
  }
  const hearsProxy = stated.mechanisms.some(
    (one) =>
      !endsAtProxy(one) &&
      kindOf(one)
        .signs(one)
        .some((sign) => OF_PINGS.has(sign)),
  );
  const { ping: pinged } = proxies.at(-1)?.towardsServer ?? {};
  const isAsked = pinged !== undefined;
  // Each ping is sent so long after the one before at least, over a path that is whole.
  const strikes = allOf('ping-strikes', stated.mechanisms).some(
    ({ minIntervalMs }) => minIntervalMs > (pinged?.intervalMs ?? 0),
  );
  // What asks by the application, too, may take an answer to the library's ping for its own.
  if ((hearsProxy && (own.length > 0 || isAsked || asked)) || (strikes && isAsked)) {
    throw new NotModelled('pings and pongs of a proxy, of which a mechanism hears');
  }
  const reads = !begins(scenario, 'stall-server') && !begins(scenario, 'starve-server');
  if (own.length > 0 && !reads) {
    throw new NotModelled('pongs of a proxy that a process reads late');
  }
  return true;
}

/** A ping of the library, which a proxy that ends HTTP/2 answers; one of the application is a message, and passes. */
function endsAtProxy(one: Mechanism): boolean {
  return one.kind === 'ping' && one.answeredBy !== 'application';
}

/** A story without the pings of the client's library, which come no further than the first proxy. */
function pingless(scenario: Scenario): Scenario {
  const { client } = scenario;
  return client === undefined
    ? scenario
    : { ...scenario, client: { ...client, pingEveryMs: null } };
}

/** Whether a story cuts the link of whoever judges. */
function strikesOwnLink({ strikesLink = 0 }: Scenario, proxies: readonly Proxy[]): boolean {
  return strikesLink === proxies.length;
}

/**
 * The link of whoever judges, cut: what stands behind it, a proxy that answers pings as a client does, is heard no more, and can tell nothing.
 *
 * @throws NotModelled where what is further away was heard, or could end a living connection
 */
function onOwnLink(
  stated: Policy,
  scenario: Scenario,
  proxies: readonly Proxy[],
  ends: boolean,
  purpose: Purpose,
): Explored {
  const { peerHeartbeat, ...own } = stated;
  const isCut = scenario.kind === 'fault' && scenario.fault.kind === 'vanish';
  const isQuiet = scenario.load.kind === 'idle' && peerHeartbeat?.sign !== 'message';
  const isAsked = proxies.at(-1)?.towardsServer?.ping !== undefined;
  const asksBeyond = stated.mechanisms.some(
    (one) => kindOf(one).asks(one) !== null && !isOfTheKernel(one) && !endsAtProxy(one),
  );
  if (asksBeyond || !ends || !isCut || !isQuiet || isAsked || purpose === 'earliest') {
    throw new NotModelled('a story of a link behind a proxy');
  }
  const { strikesLink: _own, ...link } = linksOf(pingless(scenario), proxies).at(-1) as Scenario;
  return { setting: settingOf(own, link), scenario: link };
}

/** Signs that a proxy's pings and answers are. */
const OF_PINGS: ReadonlySet<LifeSign> = new Set(['ping', 'pong', 'matching-pong', 'any-byte']);

/** A write that is blocked ends the connection: only behind buffers that are full is one. */
function limitsWrites({ towardsClient, towardsServer }: Proxy): boolean {
  return towardsClient?.writeMs !== undefined || towardsServer?.writeMs !== undefined;
}

/** Two parts of a load begin half a period apart: from the opening on, one of them is sent so often at least. */
const LATEST_BEGINNING = 1.5;

/** The server sends something so often, until buffers are full, while its process runs; Infinity where it may stand still, or sends nothing by a clock. */
function putOffMs(scenario: Scenario): number {
  const everyMs = serverMessagePeriodMs(scenario);
  if (everyMs === null) return Infinity;
  return begins(scenario, 'stall-server') ? Infinity : LATEST_BEGINNING * everyMs;
}

/** Whether the silence of a story begins so. */
function begins(scenario: Scenario, what: 'stall-server' | 'starve-server'): boolean {
  const acts =
    scenario.kind === 'live' ? silenceKindOf(scenario.silence).begins(scenario.silence) : [];
  return acts.some(({ act }) => act === what);
}

/** Whether a mechanism is the kernel's, or looks at what the kernel holds. */
function isOfTheKernel(mechanism: Mechanism): boolean {
  const kind = kindOf(mechanism);
  const looks = kind.samples?.(mechanism);
  return kind.socketOptions !== undefined || looks === 'bytes-acked' || looks === 'queue';
}

/** Whether it may end a connection whose buffers are full: there, probes are answered. */
function endsFullBuffers(mechanism: Mechanism): boolean {
  const probes = kindOf(mechanism).socketOptions?.(mechanism).keepalive !== undefined;
  return mechanism.lost === undefined && !probes;
}

/** Each link of the stack as a story of its own: the path and the kernels at its two ends. */
function linksOf(
  { proxies: _between, ...scenario }: Scenario,
  proxies: readonly Proxy[],
): Scenario[] {
  const { kernel, path } = scenario;
  return [path.rttMs, ...proxies.map(({ rttMs }) => rttMs)].map((rttMs, index) => {
    const [left, right] = [proxies[index - 1], proxies[index]];
    const { clientSocketOptions, serverSocketOptions, ...plain } = kernel;
    const leftOptions = left === undefined ? clientSocketOptions : left.socketOptions;
    const rightOptions = right === undefined ? serverSocketOptions : right.socketOptions;
    return {
      ...scenario,
      path: { ...path, rttMs },
      kernel: {
        ...plain,
        clientSysctls: left?.sysctls ?? kernel.clientSysctls,
        serverSysctls: right?.sysctls ?? kernel.serverSysctls,
        ...(leftOptions !== undefined && { clientSocketOptions: leftOptions }),
        ...(rightOptions !== undefined && { serverSocketOptions: rightOptions }),
      },
    };
  });
}

/** A mechanism that waits for its own kernel must have longer than a path that is whole takes, ms. */
const OWN_KERNEL_MS = 300;

/** What of a story with proxies is not explored. @throws NotModelled with the reason */
function refuse(stated: Policy, scenario: Scenario, proxies: readonly Proxy[]): void {
  const { load, server, story } = scenario;
  if ((scenario.strikesLink ?? 0) > 0 && !strikesOwnLink(scenario, proxies)) {
    throw new NotModelled('a story of a link behind a proxy');
  }
  if (scenario.strikesProxy !== undefined) throw new NotModelled("a proxy's process that stops");
  if (proxies.some(({ jitterMs = 0, lossPercent = 0 }) => jitterMs + lossPercent > 0)) {
    throw new NotModelled('jitter or loss behind a proxy');
  }
  if (story.kind === 'pool') throw new NotModelled('a query through a proxy');
  if (load.kind === 'saturated') throw new NotModelled('a full send path through a proxy');
  if (server.broken?.kind === 'loop-stalled') {
    throw new NotModelled('a loop that stalls behind a proxy');
  }
  if (server.closesAtEof === false) {
    throw new NotModelled('a server that is deaf to the end of file of a proxy');
  }
  const writesEveryMs = serverMessagePeriodMs(scenario);
  if (server.sendPath === 'locked' && writesEveryMs !== null) {
    throw new NotModelled('a locked send path to a proxy');
  }
  if (scenario.kind === 'fault') {
    const kind = faultKindOf(scenario.fault);
    const remains = kind.remains(scenario.fault);
    if (kind.instant(scenario.fault).by === 'box') {
      throw new NotModelled('a box between client and proxy');
    }
    if (remains.kernelIsTold && kind.routerRefuses !== true) {
      throw new NotModelled("the server's own interface, behind a proxy");
    }
  }
  for (const { rttMs } of proxies) {
    if (writesEveryMs !== null && writesEveryMs <= rttMs + LATEST_ACKNOWLEDGEMENT_MS) {
      throw new NotModelled('writes that overtake their acknowledgements');
    }
  }
  // Kernels that look along a path that is whole: all but the first proxy's towards the client.
  const links = proxies.flatMap(({ rttMs, towardsServer }, place) => [
    { rttMs, mechanisms: mechanismsOfSide(towardsServer) },
    { rttMs, mechanisms: mechanismsOfSide(proxies[place + 1]?.towardsClient) },
  ]);
  const own = { rttMs: proxies.at(-1)?.rttMs ?? 0, mechanisms: stated.mechanisms };
  for (const { rttMs, mechanisms } of [own, ...links]) {
    if (mechanisms.some((one) => ownWaitMs(one) <= rttMs + OWN_KERNEL_MS)) {
      throw new NotModelled('a kernel with less patience than its own path needs');
    }
  }
}

/** How long a mechanism of the kernel, or one that looks at it, waits for an acknowledgement; Infinity where it is none. */
function ownWaitMs(mechanism: Mechanism): number {
  if (mechanism.lost !== undefined || !isOfTheKernel(mechanism)) return Infinity;
  const { socketOptions, patienceMs, looksEveryMs } = kindOf(mechanism);
  const { keepalive, userTimeoutMs } = socketOptions?.(mechanism) ?? {};
  if (keepalive !== undefined) return keepalive.intervalS * US_PER_MS;
  return userTimeoutMs ?? patienceMs(mechanism) - (looksEveryMs?.(mechanism) ?? 0);
}

/** What has ended the connection, and how much later the server hears of it; what a proxy ends, the server is told of. */
export function endOfStack(
  state: State,
  { through }: Setting,
): { readonly by: string; readonly laterUs: number } {
  const by = state.end ?? 'nothing';
  if (through === null || state.manner !== 'gone') return { by, laterUs: 0 };
  state.manner = 'told';
  return { by: `${through.name}: ${by}`, laterUs: through.beyondUs };
}
