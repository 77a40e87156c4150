/** An age limit: every connection is ended at it, whatever it carries. */
import type { Mechanism } from '../../policy/types.ts';
import { changing } from '../cure.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor } from '../trials.ts';
import type { PolicyRule, Proposal } from '../types.ts';
import { inWords, measured } from '../words.ts';

const NAME = 'ends-young-connections';

/** Shorter, and most of what the service does is opening connections. */
const YOUNG_MS = 60_000;

function proposal(subject: PolicySubject, mechanism: Mechanism, index: number): Proposal | null {
  const [load] = subject.loads;
  if (mechanism.kind !== 'age' || load === undefined || mechanism.maxMs >= YOUNG_MS) return null;
  const { maxMs } = mechanism;
  const trials = endedAlive(subject, NAME, healthyFor(load, 3 * maxMs + 10_000), (seen) =>
    seen.by === 'age'
      ? {
          path: mechanismPath(subject, index, 'maxMs'),
          message: `Every living ${subject.peer} is hung up on at the age of ${inWords(maxMs)} (seen after ${measured(seen.endedMs ?? 0)}), whatever it carries.`,
          remedy: `Let connections live for at least ${inWords(YOUNG_MS)}; an age limit is for moving them to other hosts, not for finding the dead.`,
          ...changing(subject, index, (one) =>
            one.kind === 'age' ? { ...one, maxMs: 60 * YOUNG_MS } : one,
          ),
        }
      : null,
  );
  return { trials };
}

export const endsYoungConnections: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'Every living peer is hung up on at an age of less than a minute.',
  source: 'gRFC A9, MaxConnectionAge; Envoy, max_connection_duration; HikariCP, maxLifetime',
  check: (subject) =>
    subject.policy.mechanisms.flatMap((mechanism, index) =>
      mechanism.lost === undefined ? (proposal(subject, mechanism, index) ?? []) : [],
    ),
};
