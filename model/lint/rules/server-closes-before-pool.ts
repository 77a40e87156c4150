/** A far end that closes a connection which the pool before it still believes in. */
import { indexOf } from '../ask.ts';
import { at, called } from '../link.ts';
import { endOf, poolsOf, rests, type Pool } from '../pool.ts';
import { expiryOf } from '../expiry.ts';
import { gone, IDLE } from '../story.ts';
import type { ChainSubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor } from '../trials.ts';
import type { ChainRule, PatchStep, Problem, Proposal } from '../types.ts';
import { inWords, roundDown, roundUp } from '../words.ts';

const NAME = 'server-closes-before-pool';

/** How long the far end waits, and where that is written. */
interface FarEnd {
  readonly name: string;
  readonly limitMs: number;
  readonly path: string;
  readonly cure: (waitMs: number) => readonly PatchStep[];
}

function wording(subject: ChainSubject, pool: Pool, end: FarEnd): Problem {
  const { rttMs } = subject.chain;
  const { limitMs } = end;
  const closes = `${end.name} closes an idle connection after ${inWords(limitMs)}`;
  if (pool.idleMs === null) {
    const evictMs = roundDown(0.8 * limitMs);
    return {
      path: end.path,
      message: `${closes}, and ${pool.name} keeps it for ever: a request that meets the close on its way is reset (502, ECONNRESET).`,
      remedy: `Let ${pool.name} drop idle connections before, e.g. after ${inWords(evictMs)}.`,
      cure: [{ op: 'replace', path: `/hops/${pool.index}/poolIdleMs`, value: evictMs }],
    };
  }
  const waitMs = roundUp(pool.idleMs + Math.max(5_000, 2 * rttMs));
  const remedy = `Let ${end.name} wait longer than the pool and a round trip: ${inWords(waitMs)}.`;
  const base = { path: end.path, remedy, cure: end.cure(waitMs) };
  if (limitMs > pool.idleMs) {
    return {
      ...base,
      severity: 'warning',
      message: `${closes}, and ${pool.name} keeps it ${rests(pool.idleMs)}: only ${inWords(limitMs - pool.idleMs)} remain for a request on its way, less than the round trip of ${inWords(rttMs)}; one that meets the close is reset (502, ECONNRESET).`,
    };
  }
  return {
    ...base,
    message: `${closes}, and ${pool.name} keeps it ${rests(pool.idleMs)}: a request that meets the close on its way is reset (502, ECONNRESET).`,
  };
}

/** Whether a request that leaves a pool at its last moment may meet the close. */
function mayMeet({ chain }: ChainSubject, pool: Pool, limitMs: number): boolean {
  return pool.idleMs === null || limitMs <= pool.idleMs + chain.rttMs;
}

function ofServer(subject: ChainSubject, pool: Pool): Proposal | null {
  const { served, server } = subject;
  const index = indexOf(served, 'idle');
  const idle = served.policy.mechanisms[index];
  if (idle?.kind !== 'idle' || !mayMeet(subject, pool, idle.timeoutMs)) return null;
  const place = served.places[index];
  const field = `/hops/${server.index}/httpKeepAliveMs`;
  const end: FarEnd = {
    name: called(server),
    limitMs: idle.timeoutMs,
    path: mechanismPath(served, index, 'timeoutMs'),
    cure: (waitMs) =>
      place?.isField === true
        ? [{ op: 'replace', path: field, value: waitMs }]
        : [{ op: 'add', path: field, value: waitMs }],
  };
  const life = healthyFor(IDLE, 2 * idle.timeoutMs + 10_000);
  const trials = endedAlive(served, NAME, life, ({ by }) =>
    by === 'idle' ? wording(subject, pool, end) : null,
  );
  return { trials };
}

function ofProxy(subject: ChainSubject, pool: Pool, index: number): Proposal | null {
  const box = subject.boxes.find((one) => one.index === index);
  if (box === undefined || box.hop.idleMs === null) return null;
  if (!mayMeet(subject, pool, box.hop.idleMs)) return null;
  const end: FarEnd = {
    name: called(box),
    limitMs: box.hop.idleMs,
    path: at(box, 'idleMs'),
    cure: (waitMs) => [{ op: 'replace', path: `/hops/${index}/idleMs`, value: waitMs }],
  };
  const { served } = subject;
  const fault = expiryOf('close', box.hop.idleMs);
  const policy = {
    schemaVersion: 1,
    name: `${subject.chain.name}.pool`,
    title: 'a pool',
    mechanisms: [],
  } as const;
  const scenario = gone(served, NAME, fault, IDLE);
  const tell = (): Problem => wording(subject, pool, end);
  return { trials: [{ policy, scenario, expect: { kind: 'path-forgets' }, lives: 1, tell }] };
}

export const serverClosesBeforePool: ChainRule = {
  name: NAME,
  severity: 'error',
  summary: 'The server closes an idle connection that a pool in front of it still believes in.',
  source:
    'RFC 9112 §9.5; nodejs/node, keepAliveTimeout 5 s behind an ALB of 60 s; Kestrel, 130 s against 140 s',
  check: (subject) =>
    poolsOf(subject).flatMap((pool) => {
      const index = endOf(subject, pool);
      const isServer = index === subject.server.index;
      return (isServer ? ofServer(subject, pool) : ofProxy(subject, pool, index)) ?? [];
    }),
};
