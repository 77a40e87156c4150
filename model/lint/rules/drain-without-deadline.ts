/** A shutdown that waits for ever. */
import { changing } from '../cure.ts';
import { drainOf, longStops } from '../drain.ts';
import { mechanismPath } from '../subject-of.ts';
import type { PolicyRule, Problem } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'drain-without-deadline';
/** Nobody waits so long for a process to stop. */
const TOO_LONG_MS = 600_000;
const DEADLINE_MS = 15_000;

export const drainWithoutDeadline: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A shutdown waits for its connections without a deadline.',
  source: 'nodejs/node#53536, #2642; unetworking/uWebSockets.js#663; almond-bot/axol#249',
  check: (subject) => {
    const found = drainOf(subject);
    if (found === undefined || found.drain.deadlineMs !== null) return [];
    // An orchestrator's SIGKILL is a deadline; another rule says what it costs.
    if (subject.killedAfterMs !== null) return [];
    const problem: Problem = {
      path: mechanismPath(subject, found.index, 'deadlineMs'),
      message: 'A shutdown waits for every connection for ever, living ones too.',
      remedy: `Give the drain a deadline (e.g. ${inWords(DEADLINE_MS)}), and destroy what is left at it.`,
      ...changing(
        subject,
        found.index,
        (one) => ({ ...one, deadlineMs: DEADLINE_MS }) as typeof one,
      ),
    };
    const trials = longStops(subject, NAME, TOO_LONG_MS, (whom) => ({
      ...problem,
      message: `A shutdown waits for every connection for ever: ${whom} keeps the process until somebody kills it by hand.`,
    }));
    return [{ trials, otherwise: { ...problem, severity: 'note' } }];
  },
};
