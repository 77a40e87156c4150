/**
 * Limits of proxies as mechanisms of the server: what a proxy hears has been sent by the server, or will be heard by it, at a constant distance, so its
 * clocks are clocks of what the server sends and hears. Each ends the connection when the server is told.
 *
 * Let ρ be the round trip between proxy and server. What the server sends at s reaches the proxy at s + ρ/2, what it hears at r passed there at r − ρ/2. A
 * limit of length I is over at max(s + ρ/2, r − ρ/2) + I, and the server knows ρ/2 later: between I and I + ρ after the last of both.
 */
import type { Mechanism } from '../policy/types.ts';
import { Column } from '../reaper/program.ts';
import { compileRegion, type Region } from '../reaper/region.ts';
import type { Proxy } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import type { Part } from './setting.ts';

/** For B a limit ends no sooner than it can, for T no later: only then is what is proved so. */
export type Purpose = 'latest' | 'earliest';

const US_PER_MS = 1_000;

/** Its clock may have begun before the server's side was open, by one and a half round trips. */
const BEFORE_OPENING = 2;

/** What a limit of a proxy hears, and what it is called. */
interface Limit {
  readonly by: string;
  readonly ms: number | null;
  readonly mechanism: (ms: number) => Mechanism;
  /** What the server sends starts its clock anew; of one on the server, nothing else does. */
  readonly hearsServer: boolean;
  readonly hearsAnswers?: true;
  /** Up to so much is added to it for each connection. */
  readonly spreadMs?: number;
}

const quiet =
  (...life: readonly ('any-byte' | 'ping' | 'send-accepted')[]) =>
  (timeoutMs: number): Mechanism => ({ kind: 'receive-deadline', timeoutMs, life });

function limitsOf(proxy: Proxy): readonly Limit[] {
  const { idleMs, clientIdleMs, serverIdleMs, ageMs, reloads } = proxy;
  const both = quiet('any-byte', 'send-accepted');
  // Whoever pings the server is answered by it.
  const server = quiet('ping', 'send-accepted');
  return [
    { by: 'idle limit', ms: idleMs, mechanism: both, hearsServer: true },
    {
      by: 'limit on the client',
      ms: clientIdleMs,
      mechanism: quiet('any-byte'),
      hearsServer: false,
    },
    {
      by: 'limit on the server',
      ms: serverIdleMs,
      mechanism: server,
      hearsServer: true,
      hearsAnswers: true,
    },
    {
      by: 'age limit',
      ms: ageMs ?? null,
      mechanism: (maxMs) => ({ kind: 'age', maxMs }),
      hearsServer: false,
    },
    {
      // Where between two reloads a connection opens is drawn, and the next one's grace is what it has.
      by: 'reload',
      ms: reloads?.graceMs ?? null,
      mechanism: (maxMs) => ({ kind: 'age', maxMs }),
      hearsServer: false,
      ...(reloads !== undefined && { spreadMs: reloads.everyMs }),
    },
  ];
}

/** A deadline that a ping puts off as well, once the send path has taken it. */
function hearingPings(region: Region): Region {
  const { program } = region;
  const { width, initial } = program;
  const next = program.next.slice();
  const start = program.start.slice();
  const hears = program.hears.slice();
  const from = initial * width;
  next[from + Column.PingWritten] = next[from + Column.SendAccepted] as number;
  start[from + Column.PingWritten] = start[from + Column.SendAccepted] as number;
  hears[Column.PingWritten] = 1;
  return { ...region, program: { ...program, next, start, hears } };
}

/** Up to so much is added to its only clock for each connection. */
function spreadBy(region: Region, spreadMs: number): Region {
  return { ...region, drawnClock: 0, jitterUs: spreadMs * US_PER_MS };
}

/**
 * The limits of one proxy.
 *
 * @param roundTripMs between it and the server
 * @param putOffMs the server sends something so often, until buffers are full: what is longer and hears of it never ends anything before
 * @throws NotModelled where a limit is no longer than what it is away from the server
 */
export function limitParts(
  proxy: Proxy,
  roundTripMs: number,
  purpose: Purpose,
  putOffMs: number,
): readonly Part[] {
  return limitsOf(proxy).flatMap((limit): readonly Part[] => {
    const { by, ms, mechanism: of, hearsServer, hearsAnswers, spreadMs } = limit;
    if (ms === null) return [];
    const exactMs = purpose === 'latest' ? ms + roundTripMs : ms - BEFORE_OPENING * roundTripMs;
    if (exactMs <= 0 && spreadMs === undefined)
      throw new NotModelled('a limit of a proxy that is shorter than a round trip');
    const limitMs = Math.max(0, exactMs);
    if (hearsServer && ms - BEFORE_OPENING * roundTripMs > putOffMs) return [];
    const mechanism = of(limitMs);
    const compiled = compileRegion(mechanism, 0);
    const spread = spreadMs === undefined ? compiled : spreadBy(compiled, spreadMs);
    const region = hearsServer ? hearingPings(spread) : spread;
    const tells = `${proxy.name}: ${by}`;
    return [
      {
        region,
        mechanism,
        thread: 'beyond',
        pingsApplication: false,
        tells,
        ...(hearsAnswers && { hearsAnswers }),
      },
    ];
  });
}

/**
 * Pings of the first proxy to the client as a mechanism of the server, to whom an answer comes a round trip later: neither it nor the wait for the next is shorter for that.
 */
export function pingParts(proxy: Proxy | undefined): readonly Part[] {
  const ping = proxy?.towardsClient?.ping;
  if (proxy === undefined || ping === undefined) return [];
  const mechanism: Mechanism = {
    kind: 'ping',
    intervalMs: ping.intervalMs,
    after: 'last-reply',
    replyTimeoutMs: ping.timeoutMs,
    replyClock: 'enqueued',
    life: ['any-byte'],
  };
  return [
    {
      region: compileRegion(mechanism, 0),
      mechanism,
      thread: 'beyond',
      pingsApplication: false,
      tells: `${proxy.name}: ping to the client`,
    },
  ];
}

/** Whether a limit of it is put off by bytes. */
export function hearsBytes({ idleMs, clientIdleMs, serverIdleMs }: Proxy): boolean {
  return idleMs !== null || clientIdleMs !== null || serverIdleMs !== null;
}

/** Whether a limit of it is put off by what the server sends. */
export function hearsServer(proxy: Proxy): boolean {
  return limitsOf(proxy).some(({ ms, hearsServer: hears }) => ms !== null && hears);
}
