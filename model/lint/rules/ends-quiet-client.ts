/** An idle limit on connections that may be quiet. */
import type { Mechanism } from '../../policy/types.ts';
import { removing } from '../cure.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endedAlive, healthyFor, note, quietOf } from '../trials.ts';
import type { PolicyRule, Problem, Proposal } from '../types.ts';
import { inWords, measured } from '../words.ts';

const NAME = 'ends-quiet-client';

/** A day: nobody takes that for an outage of the service. */
const LONG_MS = 86_400_000;

function proposal(subject: PolicySubject, mechanism: Mechanism, index: number): Proposal | null {
  const [load] = subject.loads;
  if (mechanism.kind !== 'idle' || load === undefined || mechanism.timeoutMs >= LONG_MS)
    return null;
  const { timeoutMs } = mechanism;
  const problem: Problem = {
    path: mechanismPath(subject, index, 'timeoutMs'),
    message: `A living ${subject.peer} that carries no message for ${inWords(timeoutMs)} is hung up on: heartbeats do not count, only messages do.`,
    remedy:
      'Take the idle limit off connections that may be quiet (a WebSocket, a subscription), and let heartbeats find the dead. Where closing idle connections is what it is for, switch this rule off with that reason.',
    ...removing(subject, index),
  };
  if (subject.isForRequests) {
    return note({
      path: problem.path,
      message: `An idle connection is closed after ${inWords(timeoutMs)}, alive or not: whoever keeps it for a next request must let go of it sooner.`,
      remedy: 'Nothing, where whoever uses it keeps connections for less.',
    });
  }
  const trials = endedAlive(subject, NAME, healthyFor(load, 2 * timeoutMs + 60_000), (seen) =>
    seen.by === 'idle'
      ? {
          ...problem,
          message: `A living ${subject.peer} is hung up on after ${inWords(timeoutMs)} without a message (seen ${measured(seen.endedMs ?? 0)} after it had connected, ${measured(quietOf(seen))} after its last byte): it was well, and heartbeats did not count.`,
        }
      : null,
  );
  return { trials };
}

export const endsQuietClient: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A living peer that has nothing to say for a while is hung up on by an idle limit.',
  source:
    'unetworking/uWebSockets, idleTimeout; gRFC A9, MaxConnectionIdle; nodejs/node, keepAliveTimeout',
  check: (subject) =>
    subject.policy.mechanisms.flatMap((mechanism, index) =>
      mechanism.lost === undefined ? (proposal(subject, mechanism, index) ?? []) : [],
    ),
};
