/** Mechanisms that no longer act. */
import { ghostMs, withMechanism } from '../ask.ts';
import { changing } from '../cure.ts';
import { gone, VANISH } from '../story.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { lateGhost, unnoticed } from '../trials.ts';
import type { Mechanism } from '../../policy/types.ts';
import type { PolicyRule, Problem, Proposal } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'mechanism-lost';

function mended(mechanism: Mechanism): Mechanism {
  const { lost: _lost, ...whole } = mechanism;
  return whole;
}

function proposal(subject: PolicySubject, mechanism: Mechanism, index: number): Proposal {
  const what =
    mechanism.lost === 'timer' ? 'neither probes nor judges' : 'probes but no longer judges';
  const said = `${mechanism.kind} ${what}, and nothing says so.`;
  const problem: Problem = {
    path: mechanismPath(subject, index, 'lost'),
    message: said,
    remedy: 'Mend it, and count its verdicts where an alert can see them.',
  };
  const whole = { ...problem, ...changing(subject, index, mended) };
  const otherwise: Problem = {
    ...problem,
    message: `${said} It makes no difference that is proved.`,
  };
  const [load] = subject.loads;
  if (load === undefined) return { trials: [], otherwise };
  const scenario = gone(subject, NAME, VANISH, load);
  const onceMs = ghostMs(withMechanism(subject.policy, index, mended), scenario);
  if (onceMs === null || onceMs === undefined) return { trials: [], otherwise };
  const once = `with it, within ${inWords(onceMs, 'up')}`;
  const never = unnoticed(subject, NAME, VANISH, load, () => ({
    ...whole,
    message: `${said} A ${subject.peer} that vanishes is never noticed; ${once}.`,
  }));
  const late = lateGhost(subject.policy, scenario, Math.ceil(onceMs), (seen) =>
    seen.ghostMs === null
      ? null
      : {
          ...whole,
          message: `${said} A ${subject.peer} that vanishes was found after ${inWords(seen.ghostMs, 'down')}; ${once}.`,
          severity: 'warning',
        },
  );
  return { trials: [...never, ...late], otherwise };
}

export const mechanismLost: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A mechanism of the policy is lost: it no longer probes, or no longer judges.',
  source: 'A chat server whose sweep had stopped acting: two ghosts stood for a week',
  check: (subject) =>
    subject.policy.mechanisms.flatMap((mechanism, index) =>
      mechanism.lost === undefined ? [] : [proposal(subject, mechanism, index)],
    ),
};
