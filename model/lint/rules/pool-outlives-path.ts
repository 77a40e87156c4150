/** A pool that trusts a connection longer than the path remembers it. */
import type { Box } from '../subject.ts';
import { at, called, firstOf, policyAtBox, quietAtBox, setting } from '../link.ts';
import { poolIdleMs, poolsOf, type Pool } from '../../stack/index.ts';
import { rests } from '../pool.ts';
import { IDLE } from '../story.ts';
import type { StackSubject } from '../subject.ts';
import { givenUp, isTight } from '../expiry.ts';
import type { StackRule, Problem, Proposal } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'pool-outlives-path';
/** The answer to a query is awaited for as long as the kernel tries; see tcp_retries2. */
const LONG_REST_MS = 3_600_000;

function proposal(subject: StackSubject, pool: Pool, box: Box): Proposal | null {
  const { idleMs = null, atExpiry } = box.hop;
  const between = box.index > pool.holder.index && box.index < pool.end.index;
  if (!between || box.hop.role === 'proxy' || idleMs === null) return null;
  if (pool.idleMs !== null && pool.idleMs < idleMs) return null;
  const policy = policyAtBox(subject, box);
  // What keeps the box awake keeps the flow of a resting connection, too.
  const heardMs = quietAtBox(subject, box, IDLE);
  if (heardMs !== null && heardMs < idleMs && !isTight(subject, idleMs, heardMs)) return null;
  const ends =
    atExpiry === 'silent'
      ? 'hangs until the caller gives up, or its kernel does (tcp_retries2: 924.6s and more)'
      : 'fails on a connection that is gone';
  const shorterMs = Math.floor(0.9 * idleMs);
  const problem: Problem = {
    path: at(pool.holder, poolIdleMs),
    message: `${called(pool.holder)} keeps an idle connection ${rests(pool.idleMs)}, but ${called(box)} forgets it after ${inWords(idleMs)}: the first request on a rested connection ${ends}.`,
    remedy: `Keep idle connections for less than ${inWords(idleMs)} (e.g. ${inWords(shorterMs)}), or ping on them that often.`,
    ...firstOf(setting(pool.holder, poolIdleMs, shorterMs, 'at-most')),
  };
  const restMs = Math.min(
    pool.idleMs ?? Number.POSITIVE_INFINITY,
    Math.max(2 * idleMs, LONG_REST_MS),
  );
  const story = { kind: 'pool', idleMs: restMs, queryBytes: 256 } as const;
  return {
    trials: givenUp(subject, NAME, box, { policy, load: IDLE, around: { story } }, problem),
  };
}

export const poolOutlivesPath: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'A pool keeps idle connections longer than a box on the way remembers them.',
  source: 'Database pools of 30 min behind a NAT of 5 min; AWS NLB, 350 s; HTTP.jl#1331',
  check: (subject) =>
    poolsOf(subject.stack).flatMap((pool) =>
      subject.boxes.flatMap((box) => proposal(subject, pool, box) ?? []),
    ),
};
