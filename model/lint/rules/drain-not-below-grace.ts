/** An orchestrator that kills before the drain is over. */
import { drainOf, longStops } from '../drain.ts';
import { at, called, firstOf, setting } from '../link.ts';
import type { Measure } from '../../stack/index.ts';
import type { StackRule, Problem } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

const NAME = 'drain-not-below-grace';

const graceOf: Measure = ({ graceMs }) => graceMs;

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
    if (orchestrator === undefined || leftMs === null || found === undefined) return [];
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
