/** Pings whose answer nobody waits for. */
import { patiences } from '../../signs/patience.ts';
import { changing } from '../cure.ts';
import { gone, healthyPeer, VANISH } from '../story.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { lateGhost, note } from '../trials.ts';
import type { PolicyRule, Problem, Proposal } from '../types.ts';
import { inWords, roundDown } from '../words.ts';

/** Below what tcp_retries2 = 15 takes: 924.6 s and more. */
const LAST_RESORT_MS = 900_000;

function proposal(subject: PolicySubject, index: number, intervalMs: number): Proposal {
  const replyMs = roundDown(intervalMs / 2);
  const said = `A ping goes out every ${inWords(intervalMs)}, and nobody waits for its pong`;
  const problem: Problem = {
    path: mechanismPath(subject, index, 'replyTimeoutMs'),
    message: `${said}: it keeps boxes on the way awake and finds no ghost itself.`,
    remedy: `Wait for the pong (replyTimeoutMs, e.g. ${inWords(replyMs)}), or let a sweep judge by the pongs.`,
    ...changing(subject, index, (one) =>
      one.kind === 'ping' ? { ...one, replyTimeoutMs: replyMs } : one,
    ),
  };
  const [load] = subject.loads;
  if (load === undefined) return note(problem);
  const scenario = gone(subject, 'ping-without-verdict', VANISH, load);
  const trials = lateGhost(subject.policy, scenario, LAST_RESORT_MS, ({ ghostMs }) => ({
    ...problem,
    message: `${said}: a ${subject.peer} that vanishes is found by nothing but the kernel's last resort, ${ghostMs === null ? 'if at all' : `after ${inWords(ghostMs, 'down')}`}.`,
  }));
  return { ...note(problem), trials };
}

export const pingWithoutVerdict: PolicyRule = {
  name: 'ping-without-verdict',
  severity: 'warning',
  summary: 'Pings are sent, and nobody waits for an answer.',
  source: 'crossbario/autobahn-js#380; cesanta/mongoose#751; square/okhttp#3197',
  check: (subject) => {
    if (patiences(subject.policy, healthyPeer(subject)).length > 0) return [];
    return subject.policy.mechanisms.flatMap((one, index) =>
      one.lost === undefined && one.kind === 'ping' && one.replyTimeoutMs === null
        ? [proposal(subject, index, one.intervalMs)]
        : [],
    );
  },
};
