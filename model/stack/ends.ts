/**
 * The ends of a stack that judge their peers, each as what the simulator plays: one policy, and a story in which everything between
 * it and its peer is there: proxies as processes with two connections, paths, and the kernels of the parties.
 *
 * The story strikes the client, and the server judges it. A client that has a policy of its own judges the server, which the same
 * story then strikes: the stack is played from its other side. What cannot be played says why.
 */
import { faultKindOf } from '../faults/index.ts';
import { firstOf, kindOf } from '../mechanisms/index.ts';
import type { Policy } from '../policy/types.ts';
import { parseScenario } from '../scenario/index.ts';
import { kernelIn } from '../scenario/environment.ts';
import type { Box, Load, Proxy, Scenario } from '../scenario/types.ts';
import {
  answersPings,
  effectiveServer,
  heardAt,
  partyName,
  probesAt,
  signalOf,
  speaksHttp2,
  statedPolicy,
} from './effective.ts';
import { hopsOf, type Hop } from './hops.ts';
import { linksOf, loadOf, wayOf, type Link, type Placed } from './links.ts';
import { hasOtherPings, pingsOf, sideOf } from './pings.ts';
import { poolsOf } from './pools.ts';
import type { Stack } from './schema.ts';
import { reaches } from './spans.ts';

/** Who judges whom: the server its client, or the client its server. */
export interface End {
  /** What it is called. */
  readonly party: string;
  /** The link that it holds an end of; 0 = the client's. */
  readonly link: number;
  /** What is effective there; its name tells it apart from every other end. */
  readonly policy: Policy;
  /** The story with all that the stack has between the two; or why it cannot be played. */
  readonly cellOf: (story: Scenario) => Scenario | NotPlayed;
}

/** A cell that is not played. */
export interface NotPlayed {
  readonly because: string;
}

/**
 * Whether a stack's end is played on a story, or refused with the reason.
 *
 * @example
 * isPlayed({ because: 'two boxes that forget' }) // => false
 */
export function isPlayed(cell: Scenario | NotPlayed): cell is Scenario {
  return !('because' in cell);
}

/** How often the server asks something that reaches a hop; undefined = never. */
function askedEveryMs(stack: Stack, server: Policy, at: number): number | undefined {
  const way = wayOf(stack);
  const http2 = speaksHttp2(stack);
  const hops = way.map(({ hop }) => hop);
  const asked = server.mechanisms.flatMap((one) => {
    const signal = signalOf(one, http2);
    const everyMs = kindOf(one).asks(one)?.everyMs;
    const isSeen =
      signal !== null &&
      reaches(hops, signal, way.length - 1, at) &&
      !answersPings(stack, way[at] as Placed);
    return isSeen && signal !== 'kernel' && everyMs !== undefined ? [everyMs] : [];
  });
  return asked.length === 0 ? undefined : Math.min(...asked);
}

/** The longest time without a packet at a box, ms. */
function quietAt(stack: Stack, at: number, load: Load): number {
  if (load.kind === 'saturated') return 0;
  const { policy } = effectiveServer(stack);
  const all = [
    heardAt(stack, at)?.everyMs ?? policy.peerHeartbeat?.everyMs,
    askedEveryMs(stack, policy, at),
    ...probesAt(stack, at),
    load.kind === 'periodic' ? load.everyMs : undefined,
  ].filter((ms) => ms !== undefined);
  return Math.min(Infinity, ...all);
}

/** The boxes that forget the connection while all is well; the others never have a part in it. */
function forgetful(stack: Stack, links: readonly Link[], isTurned: boolean, load: Load): Box[] {
  return links.flatMap(({ boxes }, link) => {
    const inOrder = isTurned ? boxes.toReversed() : boxes;
    return inOrder.flatMap(({ hop, index }): Box[] => {
      const { idleMs, atExpiry = 'silent', called } = hop;
      if (typeof idleMs !== 'number' || idleMs > quietAt(stack, index, load)) return [];
      return [{ name: plainName(called), link, idleMs, onExpiry: onExpiry[atExpiry] }];
    });
  });
}

const onExpiry = { silent: 'drop', reset: 'reset-next', close: 'fin-both' } as const;

/** A name as scenarios have them. */
function plainName(called: string): string {
  const plain = called
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return plain === '' ? 'proxy' : plain.slice(0, 64).replace(/-$/, '');
}

/** A proxy as the simulator plays it, with the link that leads on from it. */
function proxyOf(stack: Stack, placed: Placed, onward: Link, isTurned: boolean): Proxy {
  const { hop } = placed;
  const answers = answersPings(stack, placed);
  const asks = answers ? pingsOf(hop) : {};
  const towards = {
    client: sideOf(hop.towardsClient, asks.client),
    server: sideOf(hop.towardsServer, asks.server),
  };
  const { sysctls, socketOptions } = hop.kernel;
  const ageMs = hop.ageMs ?? null;
  const { reloadEveryMs, reloadGraceMs = 0 } = hop;
  const [towardsClient, towardsServer] = isTurned
    ? [towards.server, towards.client]
    : [towards.client, towards.server];
  return {
    name: plainName(hop.called),
    ...onward.path,
    idleMs: hop.idleMs ?? null,
    ...(ageMs === null ? {} : { ageMs }),
    ...(reloadEveryMs !== undefined && {
      reloads: { everyMs: reloadEveryMs, graceMs: reloadGraceMs },
    }),
    ...(answers && { answersPings: true }),
    ...(towardsClient !== undefined && { towardsClient }),
    ...(towardsServer !== undefined && { towardsServer }),
    clientIdleMs: null,
    serverIdleMs: null,
    halfClose: hop.halfClose ?? 'closes-both',
    bufferBytes: 16_384,
    sysctls,
    socketOptions,
  };
}

/** One side of the stack looked at from the other. */
interface View {
  readonly judge: Placed;
  readonly peer: Placed;
  /** From the peer on. */
  readonly links: readonly Link[];
  /** From the peer on. */
  readonly proxies: readonly Placed[];
}

function viewOf(stack: Stack, judge: 'server' | 'client'): View {
  const way = wayOf(stack);
  const [client, server] = [way[0] as Placed, way.at(-1) as Placed];
  const proxies = way.filter(({ hop }) => hop.role === 'proxy');
  const links = linksOf(stack);
  return judge === 'server'
    ? { judge: server, peer: client, links, proxies }
    : { judge: client, peer: server, links: links.toReversed(), proxies: proxies.toReversed() };
}

/** Why no story can be played on a stack. */
function refusal({ proxies }: View): string | undefined {
  const silent = proxies.find(({ hop }) => hop.policy === null && hop.idleMs === undefined);
  if (silent !== undefined) return `nothing is said of what ${silent.hop.called} does`;
  const lender = proxies.find(({ hop }) => hop.lends === true);
  if (lender !== undefined) {
    return `${lender.hop.called} has connections of its own, whatever becomes of a client`;
  }
  const beyond = proxies.find(({ hop }) => hasOtherPings(hop));
  if (beyond !== undefined) {
    return `${beyond.hop.called} judges by ping, but not as a simulated proxy does`;
  }
  return undefined;
}

/** Whether the story is that of a box: it stands for those of the stack. */
function isOfBox(story: Scenario): boolean {
  return story.kind === 'fault' && faultKindOf(story.fault).instant(story.fault).by === 'box';
}

function optionsOf(key: 'serverSocketOptions' | 'clientSocketOptions', { kernel }: Hop): object {
  return Object.keys(kernel.socketOptions).length === 0 ? {} : { [key]: kernel.socketOptions };
}

/** The story from the point of view of one end. */
function played(stack: Stack, view: View, story: Scenario): Scenario | NotPlayed {
  const because = refusal(view);
  if (because !== undefined) return { because };
  const { judge, peer, links, proxies } = view;
  const kernel = kernelIn(story.kernel, {
    serverSysctls: judge.hop.kernel.sysctls,
    clientSysctls: peer.hop.kernel.sysctls,
    ...optionsOf('serverSocketOptions', judge.hop),
    ...optionsOf('clientSocketOptions', peer.hop),
  });
  const isTurned = judge.hop.role === 'client';
  const between = proxies.map((proxy, index) =>
    proxyOf(stack, proxy, links[index + 1] as Link, isTurned),
  );
  const boxes = isOfBox(story) ? [] : forgetful(stack, links, isTurned, story.load);
  const { strikesLink, strikesProxy, ...told } = story;
  const struck =
    strikesLink === undefined || !isTurned ? strikesLink : links.length - 1 - strikesLink;
  if ((strikesLink ?? 0) >= links.length) {
    return {
      because: `the story is of link ${strikesLink}, and the last one is ${links.length - 1}`,
    };
  }
  if (strikesProxy !== undefined && strikesProxy >= between.length) {
    return { because: `the story is of proxy ${strikesProxy}, and there are ${between.length}` };
  }
  const read = parseScenario(
    {
      ...told,
      path: { ...story.path, ...links[0]?.path },
      ...(between.length > 0 && { proxies: between }),
      ...(boxes.length > 0 && { boxes }),
      ...(struck !== undefined && { strikesLink: struck }),
      ...(strikesProxy !== undefined && {
        strikesProxy: isTurned ? between.length - 1 - strikesProxy : strikesProxy,
      }),
      // Between two requests a connection may be closed; a request that meets it is told by the stack's races.
      ...(poolsOf(stack).length > 0 && { orderlyEnd: 'harmless' }),
      ...(peer.hop.neverSends !== undefined && {
        client: { ...story.client, neverSends: peer.hop.neverSends },
      }),
      kernel,
    },
    story.name,
  );
  if (read.ok) return read.value;
  return {
    because: read.issues
      .map(({ path, expected, hint = expected }) => `${path}: ${hint}`)
      .join('; '),
  };
}

/** What the applications of the stack send, where the story leaves it open. */
function loaded(stack: Stack, story: Scenario): Scenario {
  return story.load.kind === 'idle' ? { ...story, load: loadOf(stack) } : story;
}

/** The load as the client sees it: what the server sends, its peer sends. */
function turned(load: Load): Load | null {
  if (load.kind === 'idle') return load;
  if (load.kind === 'saturated') return null;
  const turns = { server: 'client', client: 'server', both: 'both' } as const;
  return { ...load, direction: turns[load.direction] };
}

/** Whoever stops the server ends what it would still wait for: its grace is a deadline on any drain. */
function stopped(stack: Stack, policy: Policy): Policy {
  const stop = hopsOf(stack).find(({ role }) => role === 'orchestrator');
  const graceMs = stop?.graceMs ?? null;
  if (stop === undefined || graceMs === null) return policy;
  const leftMs = Math.max(1, graceMs - (stop.preStopMs ?? 0));
  const own = firstOf('drain', policy.mechanisms);
  const isSooner = own?.lost === undefined && (own?.deadlineMs ?? Infinity) <= leftMs;
  if (isSooner) return policy;
  const others = policy.mechanisms.filter(({ kind }) => kind !== 'drain');
  return { ...policy, mechanisms: [...others, { kind: 'drain', deadlineMs: leftMs }] };
}

/** The policy without pings of its peer that end on the way. */
function hearing(stack: Stack, policy: Policy): Policy {
  const { peerHeartbeat, ...rest } = policy;
  const ends = wayOf(stack).some((one) => answersPings(stack, one));
  return ends && (peerHeartbeat?.sign ?? 'message') !== 'message' ? rest : policy;
}

/** The server at its end of the stack, which everything on the way is between. */
export function serverEnd(stack: Stack): End {
  const view = viewOf(stack, 'server');
  const policy = stopped(stack, hearing(stack, effectiveServer(stack).policy));
  return {
    party: view.judge.hop.called,
    link: stack.links.length - 1,
    policy: { ...policy, name: partyName(stack, view.judge) },
    cellOf: (story) => played(stack, view, loaded(stack, story)),
  };
}

/** The client, where it judges the server; null where nothing is said of how. */
function clientEnd(stack: Stack): End | null {
  const view = viewOf(stack, 'client');
  const { policy: stated, readTimeoutMs } = view.judge.hop;
  if (stated === null && readTimeoutMs === undefined) return null;
  const { peerHeartbeat, ...base } = statedPolicy(view.judge.hop);
  const waits =
    readTimeoutMs === undefined
      ? []
      : [{ kind: 'receive-deadline', timeoutMs: readTimeoutMs, life: ['any-byte'] } as const];
  const everyMs = askedEveryMs(stack, effectiveServer(stack).policy, view.judge.index);
  const heard =
    everyMs === undefined
      ? peerHeartbeat
      : { ...(peerHeartbeat ?? { sign: 'ping', bytes: 2, sentBy: 'websocket' }), everyMs };
  const policy: Policy = {
    ...base,
    name: partyName(stack, view.judge),
    mechanisms: [...base.mechanisms, ...waits],
    ...(heard === undefined ? {} : { peerHeartbeat: heard }),
  };
  return {
    party: view.judge.hop.called,
    link: 0,
    policy: hearing(stack, policy),
    cellOf: (told) => {
      const story = loaded(stack, told);
      const load = turned(story.load);
      if (load === null) {
        return { because: 'a server that sends flat out is not played against its client' };
      }
      return played(stack, view, { ...story, load });
    },
  };
}

/**
 * Every end that judges: the server, and a client that has a policy. Proxies end what is quiet on the way between them.
 *
 * @example
 * const [stack] = builtInStacks();
 * endsOf(stack).length >= 1 // => true
 */
export function endsOf(stack: Stack): readonly End[] {
  const client = clientEnd(stack);
  if (client === null) return [serverEnd(stack)];
  // A server of which nothing is said is somebody else's.
  const { judge } = viewOf(stack, 'server');
  const isStated = judge.hop.policy !== null || effectiveServer(stack).policy.mechanisms.length > 0;
  return isStated ? [serverEnd(stack), client] : [client];
}
