/** A stall of the judge's own event loop. */
import { patiences } from '../../signs/patience.ts';
import { kindOf } from '../../mechanisms/index.ts';
import { indexOfEnding } from '../ask.ts';
import { changing } from '../cure.ts';
import { healthyPeer } from '../story.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { endsTheHealthy, isVerdict, endedAlive } from '../trials.ts';
import type { PolicyRule, Problem } from '../types.ts';
import { byWhom, inWords, roundUp } from '../words.ts';

const NAME = 'loop-stall-kills-all';
/** A pause of the process that a server under load has, now and then. */
const STALL_MS = 10_000;

/** Patience for a stall beside what the answer takes anyway. */
function remedyFor(
  subject: PolicySubject,
  index: number | undefined,
): Pick<Problem, 'remedy' | 'cure'> {
  const judge = index === undefined ? undefined : subject.policy.mechanisms[index];
  const found = patiences(subject.policy, healthyPeer(subject)).find(
    ({ mechanism }) => mechanism === judge,
  );
  const read = 'read the sockets again before judging after a stall';
  if (found === undefined || index === undefined) return { remedy: `Wait longer, or ${read}.` };
  const gapMs = Math.min(...found.answers.map((answer) => answer.gapMs));
  const enoughMs = roundUp((Number.isFinite(gapMs) ? gapMs : 0) + STALL_MS + 2_000);
  return {
    remedy: `Wait for ${inWords(enoughMs)} instead of ${inWords(found.ms)}: such a stall beside what a sign of life takes anyway; or ${read}.`,
    ...changing(subject, index, (one) => kindOf(one).waitingFor(one, enoughMs)),
  };
}

export const loopStallKillsAll: PolicyRule = {
  name: NAME,
  severity: 'warning',
  summary: "A stall of the server's own event loop ends clients that are well, many at once.",
  source: 'bigbluebutton/bigbluebutton#10826; python-websockets/websockets#625',
  yieldsTo: endsTheHealthy,
  check: (subject) => {
    const [load] = subject.loads;
    if (load === undefined) return [];
    const silence = { kind: 'server-starved', lengthMs: STALL_MS } as const;
    const trials = endedAlive(subject, NAME, { silence, load, lengthMs: STALL_MS }, (seen) => {
      if (!isVerdict(seen)) return null;
      const index = indexOfEnding(subject, seen.by);
      const path = mechanismPath(subject, index);
      const message = `When the ${subject.judge} itself stands still for ${inWords(STALL_MS)}, connections whose sign of life is due meanwhile are ended (${byWhom(seen.by)}), though every ${subject.peer} is well.`;
      return { path, message, ...remedyFor(subject, index) };
    });
    return [{ trials }];
  },
};
