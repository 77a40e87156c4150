/** An orchestrator that kills before the drain is over. */
import { drainOf, longStops } from '../drain.ts';
import { at, called, firstOf, setting } from '../link.ts';
import type { Measure, Placed } from '../../stack/index.ts';
import { IDLE, living } from '../story.ts';
import type { StackSubject } from '../subject.ts';
import type { StackRule, Problem, Proposal } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

const NAME = 'drain-not-below-grace';

/** What Kubernetes gives without being told: enough for most stops. */
const STOP_MS = 30_000;

const graceOf: Measure = ({ graceMs }) => graceMs;

/** A hook that takes all of the grace: SIGKILL comes before SIGTERM. */
function neverTold({ served }: StackSubject, orchestrator: Placed): Proposal {
  const { preStopMs = 0, graceMs } = orchestrator.hop;
  const neededMs = preStopMs + STOP_MS;
  const problem: Problem = {
    path: at(orchestrator, graceOf),
    message: `preStop takes ${inWords(preStopMs)}, all of the ${inWords(graceMs ?? 0)} that ${called(orchestrator)} gives: SIGKILL comes before the server is told to stop, and every connection is cut off.`,
    remedy: `Give ${inWords(neededMs)} of grace: preStop, and ${inWords(STOP_MS)} for the stop itself; or make preStop shorter.`,
    ...firstOf(setting(orchestrator, graceOf, neededMs)),
  };
  const story = { kind: 'drain', ghosts: 1, sigtermAfterMs: 1_000 } as const;
  const policy = {
    ...served.policy,
    mechanisms: [
      ...served.policy.mechanisms.filter(({ kind }) => kind !== 'drain'),
      // Nothing is left to drain in: killed at once.
      { kind: 'drain', deadlineMs: 1 } as const,
    ],
  };
  const scenario = living(served, NAME, { kind: 'none' }, IDLE, { story });
  return {
    trials: [{ policy, scenario, expect: { kind: 'ended-alive' }, lives: 1, tell: () => problem }],
  };
}

export const drainNotBelowGrace: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'The orchestrator kills the process before its drain is over.',
  source:
    'Kubernetes, Pod lifecycle: preStop counts against terminationGracePeriodSeconds; systemd.service(5)',
  check: (subject) => {
    const { orchestrator, served } = subject;
    const found = drainOf(served);
    const leftMs = served.killedAfterMs;
    if (orchestrator === undefined || leftMs === null) return [];
    if (leftMs === 0) return [neverTold(subject, orchestrator)];
    if (found === undefined) return [];
    const { deadlineMs } = found.drain;
    if (deadlineMs === null || deadlineMs < leftMs) return [];
    const { preStopMs = 0, graceMs = 0 } = orchestrator.hop;
    const spent = preStopMs > 0 ? `, less ${inWords(preStopMs)} of preStop` : '';
    const graceNeededMs = deadlineMs + preStopMs + 5_000;
    const problem: Problem = {
      path: at(orchestrator, graceOf),
      message: `The server drains for up to ${inWords(deadlineMs)}, but ${called(orchestrator)} sends SIGKILL ${inWords(leftMs)} after SIGTERM (${inWords(graceMs ?? 0)}${spent}): what the drain would still have done, such as Close frames, logs and state, is lost.`,
      remedy: `Drain for less than ${inWords(leftMs)} (e.g. ${inWords(roundDown(0.8 * leftMs))}), or give ${inWords(graceNeededMs)} of grace.`,
      ...firstOf(setting(orchestrator, graceOf, graceNeededMs)),
    };
    const trials = longStops(served, NAME, Math.max(0, leftMs - 1), () => problem);
    return [{ trials, otherwise: { ...problem, severity: 'note' } }];
  },
};
