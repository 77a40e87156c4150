/** A far end that closes a connection which the pool before it still believes in. */
import { indexOf } from '../ask.ts';
import { allOf } from '../../mechanisms/index.ts';
import { partyName, type Measure } from '../../stack/index.ts';
import { at, called, firstOf, setting } from '../link.ts';
import { endOf, poolIdleMs, poolsOf, rests, type Pool } from '../pool.ts';
import { expiryOf } from '../expiry.ts';
import { gone, IDLE } from '../story.ts';
import type { StackSubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor } from '../trials.ts';
import type { StackRule, Problem, Proposal } from '../types.ts';
import { inWords, roundDown, roundUp } from '../words.ts';

const NAME = 'server-closes-before-pool';

const idleOf: Measure = ({ idleMs }) => idleMs;
/** How long a server keeps a connection that rests. */
const restMs: Measure = ({ policy, httpKeepAliveMs }) =>
  httpKeepAliveMs ?? allOf('idle', policy?.mechanisms ?? [])[0]?.timeoutMs;

/** How long the far end waits, and where that is written. */
interface FarEnd {
  readonly name: string;
  readonly limitMs: number;
  readonly path: string;
  readonly cure: (waitMs: number) => Pick<Problem, 'cure'>;
}

function wording(subject: StackSubject, pool: Pool, end: FarEnd): Problem {
  const { rttMs } = subject;
  const { limitMs } = end;
  const closes = `${end.name} closes an idle connection after ${inWords(limitMs)}`;
  if (pool.idleMs === null) {
    const evictMs = roundDown(0.8 * limitMs);
    return {
      path: end.path,
      message: `${closes}, and ${pool.name} keeps it for ever: a request that meets the close on its way is reset (502, ECONNRESET).`,
      remedy: `Let ${pool.name} drop idle connections before, e.g. after ${inWords(evictMs)}.`,
      ...firstOf(setting(pool.holder, poolIdleMs, evictMs, 'at-most')),
    };
  }
  const waitMs = roundUp(pool.idleMs + Math.max(5_000, 2 * rttMs));
  const remedy = `Let ${end.name} wait longer than the pool and a round trip: ${inWords(waitMs)}.`;
  const base = { path: end.path, remedy, ...end.cure(waitMs) };
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
function mayMeet({ rttMs }: StackSubject, pool: Pool, limitMs: number): boolean {
  return pool.idleMs === null || limitMs <= pool.idleMs + rttMs;
}

function ofServer(subject: StackSubject, pool: Pool): Proposal | null {
  const { served, server } = subject;
  const index = indexOf(served, 'idle');
  const idle = served.policy.mechanisms[index];
  if (idle?.kind !== 'idle' || !mayMeet(subject, pool, idle.timeoutMs)) return null;
  const end: FarEnd = {
    name: called(server),
    limitMs: idle.timeoutMs,
    path: mechanismPath(served, index, 'timeoutMs'),
    cure: (waitMs) => firstOf(setting(server, restMs, waitMs, 'at-least')),
  };
  const life = healthyFor(IDLE, 2 * idle.timeoutMs + 10_000);
  const trials = endedAlive(served, NAME, life, ({ by }) =>
    by === 'idle' ? wording(subject, pool, end) : null,
  );
  return { trials };
}

function ofProxy(subject: StackSubject, pool: Pool, index: number): Proposal | null {
  const box = subject.boxes.find((one) => one.index === index);
  const idleMs = box?.hop.idleMs ?? null;
  if (box === undefined || idleMs === null || !mayMeet(subject, pool, idleMs)) return null;
  const end: FarEnd = {
    name: called(box),
    limitMs: idleMs,
    path: at(box, idleOf),
    cure: (waitMs) => firstOf(setting(box, idleOf, waitMs, 'at-least')),
  };
  const { served } = subject;
  const fault = expiryOf('close', idleMs);
  const policy = {
    schemaVersion: 1,
    name: partyName(subject.stack, pool.holder),
    title: 'a pool',
    mechanisms: [],
  } as const;
  const scenario = gone(served, NAME, fault, IDLE);
  const tell = (): Problem => wording(subject, pool, end);
  return { trials: [{ policy, scenario, expect: { kind: 'path-forgets' }, lives: 1, tell }] };
}

export const serverClosesBeforePool: StackRule = {
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
