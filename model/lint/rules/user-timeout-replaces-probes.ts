/** With a user timeout, the number of keepalive probes has no meaning. */
import { keepaliveOf, userTimeoutOf } from '../../mechanisms/in-force.ts';
import { ghostMs, indexOf, lost, withMechanism } from '../ask.ts';
import { adding } from '../cure.ts';
import { userTimeoutFor } from '../keepalive.ts';
import { gone, VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'user-timeout-replaces-probes';

export const userTimeoutReplacesProbes: PolicyRule = {
  name: NAME,
  severity: 'note',
  summary: 'With TCP_USER_TIMEOUT the number of keepalive probes does not count.',
  source: 'tcp(7), TCP_USER_TIMEOUT; net/ipv4/tcp_timer.c, tcp_keepalive_timer',
  check: (subject) => {
    const { policy } = subject;
    const keepalive = keepaliveOf(policy);
    const timeoutMs = userTimeoutOf(policy);
    const load = subject.loads.find(({ kind }) => kind === 'idle');
    if (keepalive === null || timeoutMs === null || load === undefined) return [];
    const index = indexOf(subject, 'user-timeout');
    const scenario = gone(subject, NAME, VANISH, load);
    const both = ghostMs(policy, scenario);
    const counted = ghostMs(withMechanism(policy, index, lost), scenario);
    if (both === null || both === undefined || counted === null || counted === undefined) return [];
    const { idleMs, intervalMs, probes } = keepalive;
    // Less than a probe apart, by the bucket of a timer: both say the same.
    if (Math.abs(counted - both) < intervalMs / 2) return [];
    const nominal = userTimeoutFor(keepalive);
    return [
      note({
        path: mechanismPath(subject, index, 'timeoutMs'),
        message: `${inWords(idleMs)} and ${probes} probes of ${inWords(intervalMs)} read as ${inWords(nominal.timeoutMs)}, but the user timeout of ${inWords(timeoutMs)} replaces the count: an idle ghost ends at the first check past it, at most ${inWords(both, 'up')} after the peer is gone instead of ${inWords(counted, 'up')}.`,
        remedy: `Set the user timeout to ${inWords(nominal.timeoutMs)} for both to say the same, or read the probes as without meaning.`,
        cure: adding(subject, nominal),
      }),
    ];
  },
};
