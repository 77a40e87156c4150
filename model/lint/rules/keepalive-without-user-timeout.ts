/** Keepalive alone: with data in flight it defers to retransmissions. */
import { keepaliveOf, userTimeoutOf } from '../../mechanisms/in-force.ts';
import { indexOf } from '../ask.ts';
import { adding } from '../cure.ts';
import { userTimeoutFor } from '../keepalive.ts';
import { gone, VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { lateGhost } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords, whileLoad } from '../words.ts';

const NAME = 'keepalive-without-user-timeout';
/** Below what tcp_retries2 = 15 takes: 924.6 s and more. */
const LAST_RESORT_MS = 900_000;

export const keepaliveWithoutUserTimeout: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: 'Keepalive alone: with data unacknowledged it defers, and tcp_retries2 rules.',
  source: 'net/ipv4/tcp_timer.c, tcp_keepalive_timer; gRFC A18; grpc/grpc#15889',
  yieldsTo: ['ping-without-verdict'],
  check: (subject) => {
    const keepalive = keepaliveOf(subject.policy);
    if (keepalive === null || userTimeoutOf(subject.policy) !== null) return [];
    const timeout = userTimeoutFor(keepalive);
    const trials = subject.loads
      .filter(({ kind }) => kind !== 'idle')
      .flatMap((load) =>
        lateGhost(
          subject.policy,
          gone(subject, NAME, VANISH, load),
          LAST_RESORT_MS,
          ({ ghostMs }) => ({
            path: mechanismPath(subject, indexOf(subject, 'keepalive')),
            message: `Keepalive looks at silent connections only. A ${subject.peer} that vanishes ${whileLoad(load)} leaves data unacknowledged, the probes stop, and its ghost lives ${ghostMs === null ? 'for ever' : `${inWords(ghostMs, 'down')} and longer`} (tcp_retries2).`,
            remedy: `Add a user timeout (TCP_USER_TIMEOUT, e.g. ${inWords(timeout.timeoutMs)}): it counts while data is unacknowledged.`,
            cure: adding(subject, timeout),
          }),
        ),
      );
    return [{ trials }];
  },
};
