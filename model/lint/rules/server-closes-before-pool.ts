/** A far end that closes a connection which the pool before it still believes in. */
import { allOf } from '../../mechanisms/index.ts';
import { partyName, poolIdleMs, racesOf, type Measure, type Race } from '../../stack/index.ts';
import { at, called, firstOf, setting } from '../link.ts';
import { rests } from '../pool.ts';
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
const restMs: Measure = ({ policy, httpKeepAliveMs }) => {
  const own = policy?.mechanisms ?? [];
  const [limit] = [...allOf('idle', own), ...allOf('receive-deadline', own)];
  return httpKeepAliveMs ?? limit?.timeoutMs;
};

/** How long the far end waits, and where that is written. */
interface FarEnd {
  readonly name: string;
  readonly path: string;
  readonly cure: (waitMs: number) => Pick<Problem, 'cure'>;
}

function wording(race: Race, end: FarEnd): Problem {
  const { pool, closesAfterMs: limitMs } = race;
  const { rttMs } = pool.link.path;
  const reset = `reset (502, ECONNRESET; ${often(race)})`;
  const closes = `${end.name} closes an idle connection after ${inWords(limitMs)}`;
  if (pool.idleMs === null) {
    const evictMs = roundDown(0.8 * limitMs);
    return {
      path: end.path,
      message: `${closes}, and ${called(pool.holder)} keeps it for ever: a request that meets the close on its way is ${reset}.`,
      remedy: `Let ${called(pool.holder)} drop idle connections before, e.g. after ${inWords(evictMs)}.`,
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
      message: `${closes}, and ${called(pool.holder)} keeps it ${rests(pool.idleMs)}: only ${inWords(limitMs - pool.idleMs)} remain for a request on its way, less than the round trip of ${inWords(rttMs)}; one that meets the close is ${reset}.`,
    };
  }
  return {
    ...base,
    message: `${closes}, and ${called(pool.holder)} keeps it ${rests(pool.idleMs)}: a request that meets the close on its way is ${reset}.`,
  };
}

/** How many requests it hits, where connections are used as seldom as is worst. */
function often({ perMillion, worstGapMs }: Race): string {
  const many = perMillion < 1 ? 'less than one' : String(Math.round(perMillion));
  return `of a million requests ${many}, where a connection has one every ${inWords(roundUp(worstGapMs))}`;
}

function ofServer(subject: StackSubject, race: Race): Proposal {
  const { served, server } = subject;
  const index = race.mechanism;
  const kind = served.policy.mechanisms[index]?.kind;
  const end: FarEnd = {
    name: called(server),
    path: mechanismPath(served, index, 'timeoutMs'),
    cure: (waitMs) => firstOf(setting(server, restMs, waitMs, 'at-least')),
  };
  const life = healthyFor(IDLE, 2 * race.closesAfterMs + 10_000);
  const trials = endedAlive(served, NAME, life, ({ by }) =>
    by === kind ? wording(race, end) : null,
  );
  return { trials };
}

function ofProxy(subject: StackSubject, race: Race): Proposal {
  const { holder, end: box } = race.pool;
  const end: FarEnd = {
    name: called(box),
    path: at(box, idleOf),
    cure: (waitMs) => firstOf(setting(box, idleOf, waitMs, 'at-least')),
  };
  const { served } = subject;
  const fault = expiryOf('close', race.closesAfterMs);
  const policy = {
    schemaVersion: 1,
    name: partyName(subject.stack, holder),
    title: 'a pool',
    mechanisms: [],
  } as const;
  const scenario = gone(served, NAME, fault, IDLE);
  const tell = (): Problem => wording(race, end);
  return { trials: [{ policy, scenario, expect: { kind: 'path-forgets' }, lives: 1, tell }] };
}

export const serverClosesBeforePool: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'The server closes an idle connection that a pool in front of it still believes in.',
  source:
    'RFC 9112 §9.5; nodejs/node, keepAliveTimeout 5 s behind an ALB of 60 s; Kestrel, 130 s against 140 s',
  check: (subject) =>
    racesOf(subject.stack).map((race) => {
      const isServer = race.pool.end.index === subject.server.index;
      return isServer ? ofServer(subject, race) : ofProxy(subject, race);
    }),
};
