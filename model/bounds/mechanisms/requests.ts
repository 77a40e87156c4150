/**
 * Requests of the server's own, as a pool sends them: the answer to the first query on a rested entry is awaited
 * for a time, or a test goes before it. Whoever sends no request waits for no answer.
 */
import { judges } from '../../mechanisms/in-force.ts';
import type { BorrowCheckMechanism, RequestDeadlineMechanism } from '../../policy/types.ts';
import { mannerOf, never, seldom, shift, type Ending } from '../ends/ending.ts';
import { lastHeard } from '../life/signs.ts';
import { type Situation } from '../situation.ts';
import { firstQuery } from '../kernel/unacked.ts';

const DEADLINE = 'request deadline';
const CHECK = 'borrow check';

/** When the deadline on the answer reaps a ghost. */
export function requestDeadlineEnding(
  situation: Situation,
  deadline: RequestDeadlineMechanism,
): Ending {
  if (!judges(deadline))
    return never(DEADLINE, 'The deadline is lost: the answer is awaited for ever.');
  const query = firstQuery(situation.scenario);
  if (query === null) return never(DEADLINE, 'No request is sent, so no answer is missed.');
  const tests = situation.policy.mechanisms.some(
    (mechanism) => mechanism.kind === 'borrow-check' && mechanism.lost !== 'timer',
  );
  if (tests) {
    const why = 'The entry is tested first, and the request waits for the answer to the test.';
    const { minMs } = shift(query.since, deadline.timeoutMs);
    return seldom(DEADLINE, why, minMs, mannerOf(deadline), true);
  }
  return {
    ...shift(query.since, deadline.timeoutMs),
    manner: mannerOf(deadline),
    inFlight: true,
    by: DEADLINE,
    formula: 'the first query + timeoutMs',
    derivation: `The query leaves up to ${query.since.maxMs} ms after the fault, and its answer is awaited for timeoutMs.`,
  };
}

/** When the test before lending reaps a ghost. */
export function borrowCheckEnding(situation: Situation, check: BorrowCheckMechanism): Ending {
  if (!judges(check)) return never(CHECK, 'The test is lost: nobody waits for its answer.');
  const query = firstQuery(situation.scenario);
  if (query === null) return never(CHECK, 'Nobody borrows the entry, so it is not tested.');
  const span = shift(query.since, check.timeoutMs);
  const heard = lastHeard(situation, ['any-byte']);
  const { story, fault } = situation.scenario;
  // Where nobody says anything, the entry has rested since it was opened.
  const restsQuietly = heard === null && story.kind === 'pool' && fault.kind !== 'nat-expiry';
  const restedMs = restsQuietly ? story.idleMs : (query.since.minMs ?? 0) - (heard?.maxMs ?? 0);
  if (restedMs <= check.freshMs) {
    const why = 'The entry may have been used so recently that it is lent untested.';
    return seldom(CHECK, why, span.minMs, mannerOf(check), true);
  }
  return {
    ...span,
    manner: mannerOf(check),
    inFlight: true,
    by: CHECK,
    formula: 'the first query + timeoutMs',
    derivation: `The entry is borrowed up to ${query.since.maxMs} ms after the fault; the test goes out, and its answer is awaited for timeoutMs.`,
  };
}
