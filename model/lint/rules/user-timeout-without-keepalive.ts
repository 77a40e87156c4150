/** TCP_USER_TIMEOUT alone: it counts while something is in flight. */
import { userTimeoutOf } from '../../mechanisms/in-force.ts';
import { indexOf } from '../ask.ts';
import { adding } from '../cure.ts';
import { keepaliveFor } from '../keepalive.ts';
import { VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { unnoticed } from '../trials.ts';
import type { PolicyRule, Problem } from '../types.ts';
import { inWords, whileLoad } from '../words.ts';

const NAME = 'user-timeout-without-keepalive';

export const userTimeoutWithoutKeepalive: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary:
    'TCP_USER_TIMEOUT alone: on a silent connection nothing is in flight, so nothing times out.',
  source: 'tcp(7), TCP_USER_TIMEOUT',
  yieldsTo: ['mechanism-lost'],
  check: (subject) => {
    const timeoutMs = userTimeoutOf(subject.policy);
    if (timeoutMs === null) return [];
    const probing = keepaliveFor(timeoutMs);
    const trials = subject.loads.flatMap((load) => {
      const problem: Problem = {
        path: mechanismPath(subject, indexOf(subject, 'user-timeout')),
        message: `The user timeout of ${inWords(timeoutMs)} counts only while sent data is unacknowledged. A ${subject.peer} that vanishes ${whileLoad(load)} stands for ever.`,
        remedy: `Add keepalive (e.g. after ${inWords(probing.idleMs)}, every ${inWords(probing.intervalMs)}) or a ping: something must be sent for its answer to be missed.`,
        cure: adding(subject, probing),
      };
      return unnoticed(subject, NAME, VANISH, load, () => problem);
    });
    return [{ trials }];
  },
};
