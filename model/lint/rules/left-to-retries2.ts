/** A vanished peer that only the kernel's retransmissions find. */
import { keepaliveOf } from '../../mechanisms/in-force.ts';
import { pingers } from '../../signs/sources.ts';
import { adding } from '../cure.ts';
import { keepaliveFor } from '../keepalive.ts';
import { gone, VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { lateGhost } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords, whileLoad } from '../words.ts';

const NAME = 'left-to-retries2';
/** Below what tcp_retries2 = 15 takes: 924.6 s and more. */
const LAST_RESORT_MS = 900_000;
const TIMEOUT_MS = 60_000;

export const leftToRetries2: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: "A vanished peer is noticed by nothing but the kernel's last resort, tcp_retries2.",
  source: 'tcp(7), tcp_retries2; net/ipv4/tcp_timer.c, retransmits_timed_out; grpc/grpc-go#7542',
  yieldsTo: ['ping-without-verdict', 'keepalive-without-user-timeout', 'mechanism-lost'],
  check: (subject) => {
    const timeout = { kind: 'user-timeout', timeoutMs: TIMEOUT_MS } as const;
    const pings = pingers(subject.policy).length > 0;
    const isProbed = keepaliveOf(subject.policy) !== null;
    const timers = pings || isProbed ? [timeout] : [keepaliveFor(TIMEOUT_MS), timeout];
    // Where nothing is ever under way, it is keepalive's probes that end it.
    const loads = subject.loads.filter((load) => load.kind !== 'idle' || pings || !isProbed);
    const trials = loads.flatMap((load) =>
      lateGhost(
        subject.policy,
        gone(subject, NAME, VANISH, load),
        LAST_RESORT_MS,
        ({ ghostMs, by }) =>
          ghostMs === null || by !== 'kernel ETIMEDOUT'
            ? null
            : {
                path: mechanismPath(subject, undefined),
                message: `A ${subject.peer} that vanishes ${whileLoad(load)} is left to tcp_retries2: its ghost lives ${inWords(ghostMs, 'down')} and longer.`,
                remedy: `Set a user timeout (TCP_USER_TIMEOUT, e.g. ${inWords(TIMEOUT_MS)}) beside keepalive or pings, or wait for the answer to a ping.`,
                cure: adding(subject, ...timers),
              },
      ),
    );
    return [{ trials }];
  },
};
