/** A ghost decides how long a shutdown takes. */
import { ghostMs } from '../ask.ts';
import { drainOf } from '../drain.ts';
import { gone, VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'drain-shorter-than-ghosts';

export const drainShorterThanGhosts: PolicyRule = {
  name: NAME,
  severity: 'note',
  summary: 'A ghost lives longer than the drain waits, so it decides how long a shutdown takes.',
  source: 'systemd.service(5), TimeoutStopSec=',
  check: (subject) => {
    const found = drainOf(subject);
    const [load] = subject.loads;
    const deadlineMs = found?.drain.deadlineMs ?? null;
    if (found === undefined || deadlineMs === null || load === undefined) return [];
    const boundMs = ghostMs(subject.policy, gone(subject, NAME, VANISH, load));
    if (boundMs === undefined || (boundMs !== null && boundMs <= deadlineMs)) return [];
    const lives = boundMs === null ? 'for ever' : `up to ${inWords(boundMs, 'up')}`;
    return [
      note({
        path: mechanismPath(subject, found.index, 'deadlineMs'),
        message: `A ghost lives ${lives}, longer than the ${inWords(deadlineMs)} that a shutdown waits: with one on board, every stop takes them all and ends with connections destroyed.`,
        remedy: 'Find ghosts sooner than the deadline, or count on every stop taking it.',
      }),
    ];
  },
};
