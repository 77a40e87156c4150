/**
 * The policy of a party as it works on one of its links: what its system does, what its options add, and what it hears of the
 * heartbeats of the other side, as far as they reach.
 */
import { allOf, kindOf, placeOf } from '../mechanisms/index.ts';
import type { LifeSign, Mechanism, PeerHeartbeat, Policy } from '../policy/types.ts';
import { sha256Hex } from '../sha256.ts';
import type { Facts } from './facts.ts';
import { wayOf, type Placed } from './links.ts';
import type { Stack } from './schema.ts';
import { reaches, type Signal } from './spans.ts';

/** A mechanism and where it is from: the place in the party's own policy, or the option that adds it. */
export interface Row {
  readonly mechanism: Mechanism;
  readonly from: number | keyof Facts;
}

export interface EffectivePolicy {
  readonly policy: Policy;
  readonly rows: readonly Row[];
}

/** A heartbeat and the hop that sends it. */
export interface Beat {
  readonly everyMs: number;
  readonly from: Placed;
}

/** Nothing at all: what is not stated is not judged. */
const NOTHING: Policy = { schemaVersion: 1, name: 'none', title: 'none', mechanisms: [] };

/** The policy that a party states, or none. */
export function statedPolicy({ policy }: Facts): Policy {
  return policy ?? NOTHING;
}

/** gRFC A8: with the third ping that comes too soon the connection is ended. */
const FORGIVEN_PINGS = 2;

/** Whether the pings of a stack are HTTP/2's: one of its ends speaks that, or its server counts how soon they come. */
export function speaksHttp2(stack: Stack): boolean {
  const way = wayOf(stack);
  const [client, server] = [way[0]?.hop, way.at(-1)?.hop];
  if (client === undefined || server === undefined) return false;
  return (
    client.speaks === 'http2' ||
    server.speaks === 'http2' ||
    server.minPingMs !== undefined ||
    placeOf('ping-strikes', statedPolicy(server).mechanisms) >= 0
  );
}

/** Whether a proxy of a stack answers its pings itself, which are no data to its limits. */
export function answersPings(stack: Stack, { hop }: Placed): boolean {
  return hop.role === 'proxy' && hop.speaks !== 'tcp' && speaksHttp2(stack);
}

/** How far a question of a mechanism goes; null = it asks nothing. */
export function signalOf(mechanism: Mechanism, http2: boolean): Signal | null {
  const asked = mechanism.lost === 'timer' ? null : kindOf(mechanism).asks(mechanism);
  if (asked === null) return null;
  if (asked.answeredBy === 'kernel') return 'kernel';
  if (http2) return 'http2';
  return asked.answeredBy === 'websocket' ? 'websocket' : 'message';
}

/** The heartbeat of the client's side that comes oftenest where it is seen at a hop; undefined = none is stated. */
export function heardAt(stack: Stack, at: number): Beat | undefined {
  const way = wayOf(stack);
  const hops = way.map(({ hop }) => hop);
  const signal: Signal = speaksHttp2(stack) ? 'http2' : 'message';
  return way
    .flatMap((from) =>
      from.hop.heartbeatMs !== undefined &&
      from.hop.role !== 'server' &&
      from.index < at &&
      reaches(hops, signal, from.index, at) &&
      !answersPings(stack, way[at] as Placed)
        ? [{ everyMs: from.hop.heartbeatMs, from }]
        : [],
    )
    .toSorted((a, b) => a.everyMs - b.everyMs)[0];
}

/** A sign that the policy's deadlines take for life: a message, unless only pings are. */
function signFor(policy: Policy): PeerHeartbeat['sign'] {
  const lives: readonly LifeSign[] = allOf('receive-deadline', policy.mechanisms).flatMap(
    ({ life }) => life,
  );
  const heard = (sign: LifeSign): boolean => lives.includes(sign) || lives.includes('any-byte');
  return lives.length > 0 && !heard('message') && heard('ping') ? 'ping' : 'message';
}

/** A page's heartbeat is a timer of the page, whatever the server's preset counts on; and what puts it off. */
function withTimers(
  beat: PeerHeartbeat | undefined,
  { timers, heartbeatPutOffBy }: Partial<Facts> = {},
): PeerHeartbeat | undefined {
  if (beat === undefined) return undefined;
  return {
    ...beat,
    ...(timers === 'page' && { sentBy: 'application' as const }),
    ...(heartbeatPutOffBy !== undefined && { putOffBy: heartbeatPutOffBy }),
  };
}

/** What the server hears of the client's side by itself. */
function heartbeatOf(stack: Stack, base: Policy, server: Placed): PeerHeartbeat | undefined {
  const client = wayOf(stack)[0]?.hop;
  const beat = heardAt(stack, server.index);
  const { peerHeartbeat } = base;
  const states = client?.heartbeatMs !== undefined;
  if (beat === undefined) return states ? undefined : withTimers(peerHeartbeat, client);
  const { everyMs } = beat;
  if (peerHeartbeat !== undefined) return withTimers({ ...peerHeartbeat, everyMs }, client);
  const own: PeerHeartbeat = speaksHttp2(stack)
    ? { everyMs, sign: 'ping', bytes: 17, sentBy: 'websocket' }
    : { everyMs, sign: signFor(base), bytes: 8, sentBy: 'application' };
  return heartbeatPutOff(client) ? withTimers(own, client) : own;
}

/** Whether anything puts the heartbeat of a client off. */
function heartbeatPutOff(client: Facts | undefined): boolean {
  return client?.heartbeatPutOffBy !== undefined;
}

/** One option as a mechanism, in the place of one of its kind. */
function withOption(rows: readonly Row[], mechanism: Mechanism, from: keyof Facts): readonly Row[] {
  const row = { mechanism, from };
  const index = rows.findIndex((one) => one.mechanism.kind === mechanism.kind);
  return index < 0 ? [...rows, row] : rows.map((one, i) => (i === index ? row : one));
}

/** What the options of a server add to its policy. */
function added(facts: Facts): readonly (readonly [Mechanism, keyof Facts])[] {
  const { readTimeoutMs, minPingMs, httpKeepAliveMs, writeWaitMs, closeTimeoutMs } = facts;
  const rows: [Mechanism, keyof Facts][] = [];
  if (readTimeoutMs !== undefined) {
    const deadline = { kind: 'receive-deadline', timeoutMs: readTimeoutMs } as const;
    rows.push([{ ...deadline, life: ['any-byte'] }, 'readTimeoutMs']);
  }
  if (minPingMs !== undefined) {
    const strikes = { minIntervalMs: minPingMs, maxStrikes: FORGIVEN_PINGS };
    rows.push([{ kind: 'ping-strikes', ...strikes }, 'minPingMs']);
  }
  if (httpKeepAliveMs !== undefined) {
    const idle = { kind: 'idle', timeoutMs: httpKeepAliveMs, verdict: 'destroy' } as const;
    rows.push([idle, 'httpKeepAliveMs']);
  }
  if (writeWaitMs !== undefined) {
    const write = { kind: 'write-deadline', timeoutMs: writeWaitMs, judgedAt: 'deadline' } as const;
    rows.push([write, 'writeWaitMs']);
  }
  if (closeTimeoutMs !== undefined) {
    const close = {
      kind: 'close-handshake',
      timeoutMs: closeTimeoutMs,
      clock: 'enqueued',
    } as const;
    rows.push([close, 'closeTimeoutMs']);
  }
  return rows;
}

/** The questions of kernels on the link that ends at a hop or passes it: keepalive of the parties at its two ends, ms. */
export function probesAt(stack: Stack, at: number): readonly number[] {
  const way = wayOf(stack);
  const left = way.findLast(({ hop, index }) => index < at && hop.role !== 'box');
  const right = way.find(({ hop, index }) => index > at && hop.role !== 'box');
  return [left, right].flatMap((party) =>
    allOf('keepalive', party === undefined ? [] : statedPolicy(party.hop).mechanisms).flatMap(
      ({ idleMs, lost }) => (lost === undefined ? [idleMs] : []),
    ),
  );
}

function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}

/** So much of a stack's name is kept, and of a hash of it what tells two long ones apart. */
const NAME_CHARACTERS = 64;
const HASH_CHARACTERS = 6;

/** The name of a stack in letters, digits and hyphens; of long ones no two are alike that begin alike. */
function stackWord(name: string): string {
  const word = plain(name);
  if (word.length <= NAME_CHARACTERS) return word;
  const hash = sha256Hex(name).slice(0, HASH_CHARACTERS);
  const kept = word.slice(0, NAME_CHARACTERS - HASH_CHARACTERS - 1).replace(/-$/, '');
  return `${kept}-${hash}`;
}

/** A name of letters, digits and dots for a party of a stack. */
export function partyName(stack: Stack, { hop, index }: Placed): string {
  return `${stackWord(stack.name)}.${index}.${plain(hop.called)}`;
}

/** The server at its end of the stack. */
export function effectiveServer(stack: Stack): EffectivePolicy {
  const server = wayOf(stack).at(-1) as Placed;
  const base = statedPolicy(server.hop);
  let rows: readonly Row[] = base.mechanisms.map((mechanism, from) => ({ mechanism, from }));
  for (const [mechanism, from] of added(server.hop)) rows = withOption(rows, mechanism, from);
  const { peerHeartbeat: _own, ...rest } = base;
  const peerHeartbeat = heartbeatOf(stack, base, server);
  const isChanged =
    rows.some(({ from }) => typeof from === 'string') ||
    JSON.stringify(peerHeartbeat) !== JSON.stringify(base.peerHeartbeat);
  const name = isChanged ? partyName(stack, server) : base.name;
  const policy: Policy = {
    ...rest,
    name,
    title: isChanged ? `${server.hop.called} of ${stack.title}`.slice(0, 200) : base.title,
    mechanisms: rows.map(({ mechanism }) => mechanism),
    ...(peerHeartbeat === undefined ? {} : { peerHeartbeat }),
  };
  return { policy, rows };
}
