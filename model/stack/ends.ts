/**
 * The ends of a stack that judge their peers, each as what the simulator plays: one policy on one link, and what of a story happens
 * there. The story strikes the client: the server and the proxies judge it; a client that has a policy of its own judges the server,
 * which the same story then strikes.
 *
 * A proxy is two connections. Whoever stands behind one sees what the proxy lets through: it keeps its own side up when the peer
 * behind it falls silent. What a proxy would do besides needs the proxy as a process; such a cell is not played, and says why.
 */
import { faultKindOf, silenceKindOf } from '../faults/index.ts';
import { kindOf } from '../mechanisms/index.ts';
import { formatDuration } from '../duration.ts';
import type { Policy } from '../policy/types.ts';
import { parseScenario } from '../scenario/index.ts';
import { kernelIn } from '../scenario/environment.ts';
import type { FaultScenario, LiveScenario, Load, Scenario } from '../scenario/types.ts';
import {
  effectiveServer,
  heardAt,
  partyName,
  probesAt,
  signalOf,
  speaksHttp2,
  statedPolicy,
} from './effective.ts';
import { linksOf, loadOf, wayOf, wholeRttMs, type Link, type Placed } from './links.ts';
import type { Stack } from './schema.ts';
import { reaches } from './spans.ts';

/** Who judges, on which link. */
export interface End {
  /** What it is called. */
  readonly party: string;
  /** 0 = the client's. */
  readonly link: number;
  /** What is effective there; its name tells it apart from every other end. */
  readonly policy: Policy;
  /** The story as it happens on that link; or why it cannot be played there. */
  readonly cellOf: (story: Scenario) => Scenario | NotPlayed;
}

/** A cell that is not played. */
export interface NotPlayed {
  readonly because: string;
}

export function isPlayed(cell: Scenario | NotPlayed): cell is Scenario {
  return !('because' in cell);
}

/** What a proxy takes of what is written before its own buffers are full: 64 KiB, as in `tunnel-half-open`. */
const BEHIND = { kind: 'tunnel-dead', proxyBufferBytes: 65_536 } as const;
/** A ping frame with its header. */
const PING_BYTES = 6;

/** How often the server asks something that reaches a hop; undefined = never. */
function askedEveryMs(stack: Stack, server: Policy, at: number): number | undefined {
  const way = wayOf(stack);
  const http2 = speaksHttp2(stack);
  const hops = way.map(({ hop }) => hop);
  const asked = server.mechanisms.flatMap((one) => {
    const signal = signalOf(one, http2);
    const everyMs = kindOf(one).asks(one)?.everyMs;
    const isSeen = signal !== null && reaches(hops, signal, way.length - 1, at);
    return isSeen && signal !== 'kernel' && everyMs !== undefined ? [everyMs] : [];
  });
  return asked.length === 0 ? undefined : Math.min(...asked);
}

/** What a proxy carries to its client while the applications are silent: the questions of the server. */
function carried(stack: Stack, load: Load, at: number): Load {
  if (load.kind !== 'idle') return load;
  const everyMs = askedEveryMs(stack, effectiveServer(stack).policy, at);
  if (everyMs === undefined) return load;
  return { kind: 'periodic', bytes: PING_BYTES, everyMs, direction: 'server' };
}

/** The load as the client sees it: what the server sends, its peer sends. */
function turned(load: Load): Load | null {
  if (load.kind === 'idle') return load;
  if (load.kind === 'saturated') return null;
  const turns = { server: 'client', client: 'server', both: 'both' } as const;
  return { ...load, direction: turns[load.direction] };
}

/** A proxy between an end and the peer that the story strikes, which ends what is quiet. */
function quietEnder(stack: Stack, load: Load, proxies: readonly Placed[]): Placed | undefined {
  if (load.kind !== 'idle') return undefined;
  const server = effectiveServer(stack).policy;
  return proxies.find(({ hop, index }) => {
    const idleMs = hop.idleMs ?? null;
    const everyMs = askedEveryMs(stack, server, index);
    return idleMs !== null && (everyMs === undefined || everyMs >= idleMs);
  });
}

/** The story as it looks from behind proxies. */
function behind(story: Scenario, stack: Stack, proxies: readonly Placed[]): Scenario | NotPlayed {
  const names = proxies.map(({ hop }) => hop.called).join(' and ');
  const lender = proxies.find(({ hop }) => hop.lends === true);
  if (lender !== undefined) {
    return {
      because: `${lender.hop.called} has connections of its own, whatever becomes of a client`,
    };
  }
  if (story.story.kind !== 'connection') {
    return {
      because: `a story of many connections is played on one link alone, and ${names} makes two`,
    };
  }
  if (story.kind === 'live') {
    const { silence } = story;
    if (silenceKindOf(silence).passesProxies === true) return story;
    const what = `what ${names} makes of ${silence.kind}`;
    return { because: `${what} needs the proxy as a process, which is not simulated yet` };
  }
  if (faultKindOf(story.fault).hiddenByProxy !== true) {
    const what = `what ${names} tells of ${story.fault.kind}`;
    return { because: `${what} needs the proxy as a process, which is not simulated yet` };
  }
  const ender = quietEnder(stack, story.load, proxies);
  if (ender !== undefined) {
    const { called, idleMs } = ender.hop;
    const time = formatDuration(idleMs ?? 0);
    return {
      because: `nothing passes ${called} any more, which ends both sides ${time} after the last byte: it is told by a FIN`,
    };
  }
  return { ...story, fault: BEHIND };
}

/** A box of the link that forgets the connection while all is well. */
function forgetful(stack: Stack, link: Link, load: Load): Placed | undefined {
  const quietest = (at: number): number => {
    const heard = heardAt(stack, at)?.everyMs;
    const { policy } = effectiveServer(stack);
    const all = [
      heard ?? policy.peerHeartbeat?.everyMs,
      askedEveryMs(stack, policy, at),
      ...probesAt(stack, at),
      load.kind === 'periodic' ? load.everyMs : undefined,
      load.kind === 'saturated' ? 0 : undefined,
    ].filter((ms) => ms !== undefined);
    return Math.min(Infinity, ...all);
  };
  return link.boxes.find(({ hop, index }) => (hop.idleMs ?? Infinity) <= quietest(index));
}

const onExpiry = { silent: 'drop', reset: 'reset-next', close: 'fin-both' } as const;

/** The story on one link, with its path and the kernels of its two ends. */
function onLink(
  stack: Stack,
  story: Scenario,
  link: Link,
  judge: 'left' | 'right',
  rttMs: number,
): Scenario | NotPlayed {
  const box = forgetful(stack, link, story.load);
  const isItsOwn =
    story.kind === 'fault' && faultKindOf(story.fault).instant(story.fault).by === 'box';
  if (box !== undefined && !isItsOwn) {
    const { called, idleMs, atExpiry = 'silent' } = box.hop;
    const time = formatDuration(idleMs ?? 0);
    const fault = JSON.stringify({ kind: 'nat-expiry', idleMs, onExpiry: onExpiry[atExpiry] });
    return {
      because: `${called} forgets the connection after ${time}, before anything is sent: lint says what to do, and the fault ${fault} plays it`,
    };
  }
  const [own, other] = judge === 'right' ? [link.right, link.left] : [link.left, link.right];
  const kernel = kernelIn(story.kernel, {
    serverSysctls: own.hop.kernel.sysctls,
    clientSysctls: other.hop.kernel.sysctls,
    ...(Object.keys(own.hop.kernel.socketOptions).length > 0 && {
      serverSocketOptions: own.hop.kernel.socketOptions,
    }),
    ...(Object.keys(other.hop.kernel.socketOptions).length > 0 && {
      clientSocketOptions: other.hop.kernel.socketOptions,
    }),
  });
  const placed = parseScenario(
    { ...story, path: { ...story.path, ...link.path, rttMs }, kernel },
    story.name,
  );
  if (placed.ok) return placed.value;
  return {
    because: placed.issues
      .map(({ path, expected, hint = expected }) => `${path}: ${hint}`)
      .join('; '),
  };
}

function withLoad(story: Scenario, load: Load): Scenario {
  return { ...story, load } as FaultScenario | LiveScenario;
}

/** What the applications of the stack send, where the story leaves it open. */
function loaded(stack: Stack, story: Scenario): Scenario {
  return story.load.kind === 'idle' ? withLoad(story, loadOf(stack)) : story;
}

function serverEnd(stack: Stack): End {
  const link = linksOf(stack).at(-1) as Link;
  const { policy } = effectiveServer(stack);
  const proxies = wayOf(stack).filter(({ hop }) => hop.role === 'proxy');
  return {
    party: link.right.hop.called,
    link: link.index,
    policy: { ...policy, name: partyName(stack, link.right) },
    cellOf: (stated) => {
      const story = loaded(stack, stated);
      const seen = proxies.length === 0 ? story : behind(story, stack, proxies);
      // The answer to a ping takes the whole way, whatever the last link is.
      return isPlayed(seen) ? onLink(stack, seen, link, 'right', wholeRttMs(stack)) : seen;
    },
  };
}

/** The server, where it asks through a proxy and judges by the answers before the proxy ends anything itself. */
function verdictBehind(stack: Stack, story: Scenario, at: number): string | undefined {
  if (story.kind === 'live') return undefined;
  const server = wayOf(stack).at(-1) as Placed;
  const { policy } = effectiveServer(stack);
  const idleMs = wayOf(stack)[at]?.hop.idleMs ?? Infinity;
  const everyMs = askedEveryMs(stack, policy, at) ?? Infinity;
  const isQuiet = story.load.kind === 'idle' && everyMs >= idleMs;
  const judges = policy.mechanisms.some(
    (one) => one.lost === undefined && kindOf(one).patienceMs(one) > 0,
  );
  return judges && !isQuiet ? server.hop.called : undefined;
}

/** A proxy towards its client's side: it judges by what passes it either way. */
function proxyEnd(stack: Stack, link: Link): End {
  const { hop, index } = link.right;
  const base = statedPolicy(hop);
  const beat = heardAt(stack, index);
  const heartbeat = beat ?? effectiveServer(stack).policy.peerHeartbeat;
  const policy: Policy = {
    ...base,
    name: partyName(stack, link.right),
    ...(heartbeat === undefined
      ? {}
      : {
          peerHeartbeat: {
            sign: 'message',
            bytes: 8,
            sentBy: 'application',
            everyMs: heartbeat.everyMs,
          },
        }),
  };
  const proxies = wayOf(stack).filter((one) => one.hop.role === 'proxy' && one.index < index);
  return {
    party: hop.called,
    link: link.index,
    policy,
    cellOf: (stated) => {
      if (hop.policy === null) return { because: 'nothing is said of what it does' };
      const story = loaded(stack, stated);
      if (story.story.kind !== 'connection') {
        return { because: 'a story of many connections is told of the server' };
      }
      const judge = verdictBehind(stack, story, index);
      if (judge !== undefined)
        return { because: `${judge} judges the same client, and what it ends ends here as well` };
      const seen = proxies.length === 0 ? story : behind(story, stack, proxies);
      if (!isPlayed(seen)) return seen;
      const carrying = withLoad(seen, carried(stack, seen.load, index));
      return onLink(stack, carrying, link, 'right', link.path.rttMs);
    },
  };
}

/** The client, where it judges the server. */
function clientEnd(stack: Stack): End | null {
  const [link] = linksOf(stack);
  const client = link?.left;
  if (link === undefined || client === undefined) return null;
  const { policy: stated, readTimeoutMs } = client.hop;
  const base = statedPolicy(client.hop);
  const mechanisms =
    readTimeoutMs === undefined
      ? base.mechanisms
      : [
          ...base.mechanisms,
          { kind: 'receive-deadline', timeoutMs: readTimeoutMs, life: ['any-byte'] } as const,
        ];
  if (stated === null && readTimeoutMs === undefined) return null;
  const everyMs = askedEveryMs(stack, effectiveServer(stack).policy, client.index);
  const { peerHeartbeat, ...rest } = base;
  const heard =
    everyMs === undefined
      ? peerHeartbeat
      : { ...(peerHeartbeat ?? { sign: 'ping', bytes: 2, sentBy: 'websocket' }), everyMs };
  const policy: Policy = {
    ...rest,
    name: partyName(stack, client),
    mechanisms,
    ...(heard === undefined ? {} : { peerHeartbeat: heard }),
  };
  const proxies = wayOf(stack).filter(({ hop }) => hop.role === 'proxy');
  return {
    party: client.hop.called,
    link: 0,
    policy,
    cellOf: (story) => {
      const own = loaded(stack, story);
      const load = turned(own.load);
      if (load === null)
        return { because: 'a server that sends flat out is not played against its client' };
      if (story.story.kind !== 'connection') {
        return { because: 'a story of many connections is told of the server' };
      }
      const seen = proxies.length === 0 ? own : behind(own, stack, proxies);
      if (!isPlayed(seen)) return seen;
      return onLink(stack, withLoad(seen, load), link, 'left', wholeRttMs(stack));
    },
  };
}

/** Every end that judges: the server first, then the proxies from the server's side, then the client. */
export function endsOf(stack: Stack): readonly End[] {
  const client = clientEnd(stack);
  const proxies = linksOf(stack)
    .slice(0, -1)
    .map((link) => proxyEnd(stack, link))
    .toReversed();
  return [serverEnd(stack), ...proxies, ...(client === null ? [] : [client])];
}
