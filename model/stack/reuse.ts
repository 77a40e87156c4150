/**
 * The race of a connection that is kept for a next request: its far end closes it for having rested, and the request is on its way. What
 * arrives at a closed socket is answered by a reset (RFC 9293 §3.10.7.1), so the caller sees ECONNRESET, or the 502 of a proxy.
 *
 * Let the answer arrive at 0, with r the round trip and K the far end's patience, counted from when it sent the answer. Its FIN arrives at K, and a
 * request that leaves after K − r arrives when the socket is closed. So the request is lost in the last round trip before K alone, and never where
 * the pool lets go before. Each packet's jitter makes that longer.
 *
 * How many are lost hangs on how often a connection is used. With gaps g on average, exponentially distributed, the share of gaps between a and b is
 * e^(−a/g) − e^(−b/g): most at g = (b − a) / ln(b/a), nearly K.
 */
import { allOf, kindOf } from '../mechanisms/index.ts';
import type { Mechanism } from '../policy/types.ts';
import type { RaceResult } from '../results/types.ts';
import { effectiveServer } from './effective.ts';
import { poolsOf, type Pool } from './pools.ts';
import type { Stack } from './schema.ts';

/** Of a pool's connections: when a request meets the close, and of how many requests that is true at the worst. */
export interface Race {
  readonly pool: Pool;
  /** The far end closes a connection that has rested for so long. */
  readonly closesAfterMs: number;
  /** By which mechanism of the server; -1 = the far end is a proxy. */
  readonly mechanism: number;
  /** A request is reset that leaves so long after the last answer came. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Between two requests on a connection, on average, where most are lost. */
  readonly worstGapMs: number;
  /** Of a million requests, so many are reset then. */
  readonly perMillion: number;
}

/** What of a server ends a connection that rests, and after how long. */
interface Rest {
  readonly closesAfterMs: number;
  /** Which of its effective mechanisms; -1 = it is a proxy's limit. */
  readonly mechanism: number;
}

/** Whether a mechanism asks something that the other end's process answers: what is answered does not rest. */
function asksProcess(mechanism: Mechanism): boolean {
  const asked = mechanism.lost === undefined ? kindOf(mechanism).asks(mechanism) : null;
  return asked !== null && asked.answeredBy !== 'kernel';
}

/** An idle limit, or a deadline on what is received while nobody says anything (redis.conf, timeout). */
function restAtServer(stack: Stack): Rest | null {
  const { mechanisms, peerHeartbeat } = effectiveServer(stack).policy;
  const spokenMs = mechanisms.some(asksProcess) ? 0 : (peerHeartbeat?.everyMs ?? Infinity);
  const deadlines = allOf('receive-deadline', mechanisms).filter(
    ({ life, timeoutMs }) => life.includes('any-byte') && timeoutMs < spokenMs,
  );
  const rests = [...allOf('idle', mechanisms), ...deadlines]
    .filter(({ lost }) => lost === undefined)
    .map((one) => ({ closesAfterMs: one.timeoutMs, mechanism: mechanisms.indexOf(one) }));
  return rests.toSorted((a, b) => a.closesAfterMs - b.closesAfterMs)[0] ?? null;
}

/** How long the far end of a pool's connections keeps one that rests; null = nothing is said, or for ever. */
function restAtEnd(stack: Stack, { end }: Pool): Rest | null {
  if (end.hop.role !== 'proxy') return restAtServer(stack);
  const { idleMs = null } = end.hop;
  return idleMs === null ? null : { closesAfterMs: idleMs, mechanism: -1 };
}

const MILLION = 1_000_000;

/** Of a million gaps, exponentially distributed around a mean, so many end between two instants. */
export function gapsWithin(fromMs: number, toMs: number, meanMs: number): number {
  return MILLION * (Math.exp(-fromMs / meanMs) - Math.exp(-toMs / meanMs));
}

function raceOf(stack: Stack, pool: Pool): readonly Race[] {
  const rest = restAtEnd(stack, pool);
  if (rest === null) return [];
  const { closesAfterMs } = rest;
  const { rttMs, jitterMs = 0 } = pool.link.path;
  const fromMs = Math.max(0, closesAfterMs - rttMs - 2 * jitterMs);
  const toMs = Math.min(closesAfterMs + jitterMs, pool.idleMs ?? Infinity);
  if (toMs <= fromMs) return [];
  const worstGapMs = fromMs === 0 ? 0 : (toMs - fromMs) / Math.log(toMs / fromMs);
  const perMillion = fromMs === 0 ? MILLION : gapsWithin(fromMs, toMs, worstGapMs);
  return [{ pool, ...rest, fromMs, toMs, worstGapMs, perMillion }];
}

/**
 * The races of a stack, one for each pool whose far end closes first, or hardly later.
 *
 * @example
 * const read = parseExpression('browser > aws-alb > node');
 * const [race] = racesOf(read.value);
 * race.fromMs // => 5999
 * Math.round(race.perMillion) // => 61
 */
export function racesOf(stack: Stack): readonly Race[] {
  return poolsOf(stack).flatMap((pool) => raceOf(stack, pool));
}

/** The races of a stack as results hold them. */
export function raceResults(stack: Stack): readonly RaceResult[] {
  return racesOf(stack).map(({ pool: { holder, end, link }, mechanism: _by, ...race }) => ({
    stack: stack.name,
    pool: holder.hop.called,
    end: end.hop.called,
    link: link.index,
    ...race,
    resent: holder.hop.resends ?? 'none',
  }));
}
