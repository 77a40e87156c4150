/**
 * What is effective on each link of a chain: the policy of the server with the fields of its hop and with what the
 * client sends of its own, and what of both passes a box on the way.
 *
 * Every signal has a span. Keepalive probes are answered by the first kernel that ends TCP. HTTP/2 pings end at the
 * next party that speaks HTTP/2. WebSocket pings and the heartbeats of an application go from end to end, through
 * every tunnel.
 */
import { longestQuietMs } from '../signs/quiet.ts';
import type { Chain, ClientHop, Hop, ProxyHop, ServerHop } from '../chain/types.ts';
import { allOf, kindOf, placeOf } from '../mechanisms/index.ts';
import type { LifeSign, Mechanism, PeerHeartbeat, Policy } from '../policy/types.ts';
import type { Load } from '../scenario/types.ts';
import { lost } from './ask.ts';
import { living } from './story.ts';
import type { Box, Place, Placed } from './subject.ts';

export interface EffectivePolicy {
  readonly policy: Policy;
  readonly places: readonly Place[];
}

/** Path of a hop's field. */
export function at({ index }: Placed<Hop>, field: string): string {
  return `hops[${index}].${field}`;
}

/** What a message calls a hop. */
export function called({ hop }: Placed<Hop>): string {
  return hop.name ?? `the ${hop.kind}`;
}

/** gRFC A8: with the third ping that comes too soon the connection is ended. */
const FORGIVEN_PINGS = 2;

/** Whether the pings of this chain are HTTP/2's: its server counts how soon they come. */
function speaksHttp2(base: Policy, { minPingMs }: ServerHop): boolean {
  return minPingMs !== undefined || placeOf('ping-strikes', base.mechanisms) >= 0;
}

/** Whether a proxy answers HTTP/2 pings itself. */
function endsHttp2Pings({ hop }: Box): boolean {
  return hop.kind === 'proxy' && hop.speaks !== 'tcp';
}

/** A heartbeat and the hop that sends it. */
export interface Beat {
  readonly everyMs: number;
  readonly from: Placed<ClientHop | ProxyHop>;
}

interface Ends {
  readonly client: Placed<ClientHop> | undefined;
  readonly boxes: readonly Box[];
  readonly server: Placed<ServerHop>;
}

/** The heartbeats of the client's side, and from where to where each of them can be seen. */
function beats(
  { client, boxes }: Ends,
  http2: boolean,
): readonly (Beat & { readonly to: number })[] {
  const end = (after: number): number =>
    (http2 ? boxes.find((box) => box.index > after && endsHttp2Pings(box))?.index : undefined) ??
    Number.POSITIVE_INFINITY;
  const own =
    client?.hop.heartbeatMs === undefined
      ? []
      : [{ everyMs: client.hop.heartbeatMs, from: client, to: end(client.index) }];
  const between = boxes.flatMap(({ hop, index }) =>
    hop.kind === 'proxy' && hop.heartbeatMs !== undefined
      ? [{ everyMs: hop.heartbeatMs, from: { hop, index }, to: end(index) }]
      : [],
  );
  return [...own, ...between];
}

/** The heartbeat that comes oftenest where it is seen at this place of the chain; undefined = none is stated. */
function oftenest(ends: Ends, http2: boolean, place: number): Beat | undefined {
  return beats(ends, http2)
    .filter(({ from, to }) => from.index < place && place <= to)
    .toSorted((a, b) => a.everyMs - b.everyMs)[0];
}

/** The heartbeat that the server hears. */
export function heardByServer(ends: Ends, base: Policy): Beat | undefined {
  return oftenest(ends, speaksHttp2(base, ends.server.hop), ends.server.index);
}

/** A sign that the policy's deadlines take for life: a message, unless only pings are. */
function signFor(policy: Policy): PeerHeartbeat['sign'] {
  const lives: readonly LifeSign[] = allOf('receive-deadline', policy.mechanisms).flatMap(
    ({ life }) => life,
  );
  const heard = (sign: LifeSign): boolean => lives.includes(sign) || lives.includes('any-byte');
  return lives.length > 0 && !heard('message') && heard('ping') ? 'ping' : 'message';
}

function heartbeatOf(ends: Ends, base: Policy, beat: Beat | undefined): PeerHeartbeat | undefined {
  const states = ends.client?.hop.heartbeatMs !== undefined;
  const { peerHeartbeat } = base;
  if (beat === undefined) return states ? undefined : withTimers(peerHeartbeat, ends);
  const { everyMs } = beat;
  if (peerHeartbeat !== undefined) return withTimers({ ...peerHeartbeat, everyMs }, ends);
  if (speaksHttp2(base, ends.server.hop)) {
    return { everyMs, sign: 'ping', bytes: 17, sentBy: 'websocket' };
  }
  return { everyMs, sign: signFor(base), bytes: 8, sentBy: 'application' };
}

/** A page's heartbeat is a timer of the page, whatever the server's preset counts on. */
function withTimers(beat: PeerHeartbeat | undefined, { client }: Ends): PeerHeartbeat | undefined {
  return beat === undefined || client?.hop.timers !== 'page'
    ? beat
    : { ...beat, sentBy: 'application' };
}

interface Row {
  readonly mechanism: Mechanism;
  readonly place: Place;
}

/** One field of the hop as a mechanism, in the place of one of its kind. */
function withField(rows: readonly Row[], mechanism: Mechanism, path: string): readonly Row[] {
  const row = { mechanism, place: { path, isField: true } };
  const index = rows.findIndex((one) => one.mechanism.kind === mechanism.kind);
  return index < 0 ? [...rows, row] : rows.map((one, i) => (i === index ? row : one));
}

/** The policy of a server as it works at its end of the chain. */
export function effectiveOfServer(
  chain: Chain,
  ends: Ends,
  base: Policy,
  prefix: string,
): EffectivePolicy {
  const { server } = ends;
  const { readTimeoutMs, minPingMs, httpKeepAliveMs, writeWaitMs, closeTimeoutMs } = server.hop;
  let rows: readonly Row[] = base.mechanisms.map((mechanism, index) => ({
    mechanism,
    place: { path: `${prefix}mechanisms[${index}]`, isField: false },
  }));
  const field = (mechanism: Mechanism, name: keyof ServerHop): void => {
    rows = withField(rows, mechanism, at(server, name));
  };
  if (readTimeoutMs !== undefined) {
    field(
      { kind: 'receive-deadline', timeoutMs: readTimeoutMs, life: ['any-byte'] },
      'readTimeoutMs',
    );
  }
  if (minPingMs !== undefined) {
    const strikes = { minIntervalMs: minPingMs, maxStrikes: FORGIVEN_PINGS };
    field({ kind: 'ping-strikes', ...strikes }, 'minPingMs');
  }
  if (httpKeepAliveMs !== undefined) {
    field({ kind: 'idle', timeoutMs: httpKeepAliveMs, verdict: 'destroy' }, 'httpKeepAliveMs');
  }
  if (writeWaitMs !== undefined) {
    field({ kind: 'write-deadline', timeoutMs: writeWaitMs, judgedAt: 'deadline' }, 'writeWaitMs');
  }
  if (closeTimeoutMs !== undefined) {
    field(
      { kind: 'close-handshake', timeoutMs: closeTimeoutMs, clock: 'enqueued' },
      'closeTimeoutMs',
    );
  }
  const { peerHeartbeat: _own, ...rest } = base;
  const peerHeartbeat = heartbeatOf(ends, base, heardByServer(ends, base));
  const isChanged =
    rows.some(({ place }) => place.isField) ||
    JSON.stringify(peerHeartbeat) !== JSON.stringify(base.peerHeartbeat);
  const policy: Policy = {
    ...rest,
    ...(isChanged ? { name: `${chain.name}.server`, title: `${chain.name}, its server` } : {}),
    mechanisms: rows.map(({ mechanism }) => mechanism),
    ...(peerHeartbeat === undefined ? {} : { peerHeartbeat }),
  };
  return { policy, places: rows.map(({ place }) => place) };
}

/** Whether a box lies on the server's own TCP connection, where its kernel's probes pass. */
function seesProbes({ boxes }: Ends, box: Box): boolean {
  if (box.hop.kind === 'proxy') return false;
  return !boxes.some(({ hop, index }) => hop.kind === 'proxy' && index > box.index);
}

/** Whether the pings of the server come as far as a box. */
function seesPings({ boxes }: Ends, box: Box, http2: boolean): boolean {
  return !http2 || !boxes.some((one) => one.index > box.index && endsHttp2Pings(one));
}

/** Whether what a mechanism asks comes as far as a place that sees the kernel's probes, or pings, or neither. */
function reaches(mechanism: Mechanism, probes: boolean, pings: boolean): boolean {
  const asked = kindOf(mechanism).asks(mechanism);
  if (asked === null) return true;
  return asked.answeredBy === 'kernel' ? probes : pings;
}

/** What of the served policy, and of the heartbeats of the client's side, is seen at a box. */
export function policyAtBox(chain: Chain, ends: Ends, served: Policy, box: Box): Policy {
  const http2 = speaksHttp2(served, ends.server.hop);
  const probes = seesProbes(ends, box);
  const pings = seesPings(ends, box, http2);
  const mechanisms = served.mechanisms.map((one) =>
    reaches(one, probes, pings) ? one : lost(one),
  );
  const beat = oftenest(ends, http2, box.index);
  const { peerHeartbeat: heard, ...rest } = served;
  const everyMs = beat?.everyMs ?? (http2 ? undefined : heard?.everyMs);
  const same = everyMs === heard?.everyMs && probes && pings;
  if (same) return served;
  const sign = heard ?? { sign: 'message', bytes: 8, sentBy: 'application' };
  return {
    ...rest,
    name: `${chain.name}.at-hop-${box.index}`,
    mechanisms,
    ...(everyMs === undefined ? {} : { peerHeartbeat: { ...sign, everyMs } }),
  };
}

/** The longest time for which a policy, its peer and the chain's application leave a connection quiet; null = no limit. */
export function quietMs({ rttMs, load }: Chain, policy: Policy): number | null {
  return longestQuietMs(policy, living({ rttMs }, 'quiet', { kind: 'none' }, load));
}

/**
 * How late what repeats comes now and then, ms: two round trips and what an event loop that has other work takes. Time
 * that a box leaves beyond the interval is no margin below it.
 */
export function latenessMs({ rttMs }: Pick<Chain, 'rttMs'>): number {
  return 2 * rttMs + 100;
}

/** The same policy and load with everything that repeats late by so much. */
export function late(policy: Policy, load: Load, lateMs: number): { policy: Policy; load: Load } {
  const mechanisms = policy.mechanisms.map((one) =>
    'intervalMs' in one && kindOf(one).carrier !== 'kernel'
      ? { ...one, intervalMs: one.intervalMs + lateMs }
      : one,
  );
  const { peerHeartbeat: beat, ...rest } = policy;
  const everyMs = beat === undefined ? 0 : beat.everyMs + lateMs;
  const periodic = load.kind === 'periodic' ? { ...load, everyMs: load.everyMs + lateMs } : load;
  return {
    policy: {
      ...rest,
      name: `${policy.name}.late`,
      mechanisms,
      ...(beat === undefined ? {} : { peerHeartbeat: { ...beat, everyMs } }),
    },
    load: periodic,
  };
}

/** A policy as a client sees it across the whole chain: what it sends of its own, without its kernel's probes. */
export function heardByClient(ends: Ends, served: Policy): Policy {
  const { peerHeartbeat: _own, ...rest } = served;
  const http2 = speaksHttp2(served, ends.server.hop);
  const pings = !http2 || !ends.boxes.some(endsHttp2Pings);
  return {
    ...rest,
    mechanisms: served.mechanisms.map((one) => (reaches(one, false, pings) ? one : lost(one))),
  };
}
