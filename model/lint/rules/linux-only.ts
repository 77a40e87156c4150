/** Mechanisms that are Linux's alone. */
import { kindOf } from '../../mechanisms/index.ts';
import { ghostMs } from '../ask.ts';
import { gone, VANISH } from '../story.ts';
import type { PolicySubject } from '../subject.ts';
import { mechanismPath } from '../subject-of.ts';
import { lateGhost, note, unnoticed } from '../trials.ts';
import type { PolicyRule, Problem, Proposal } from '../types.ts';
import { inWords, whileLoad } from '../words.ts';

const NAME = 'linux-only';

const REMEDY = 'Keep a mechanism beside it that works everywhere, such as a ping.';

/** A server that does not run on Linux is the same policy without what only Linux has. */
function elsewhere(subject: PolicySubject, problem: Problem): Proposal {
  const { policy } = subject;
  const mechanisms = policy.mechanisms.filter((one) => kindOf(one).linuxOnly(one) === undefined);
  const rest: PolicySubject = {
    ...subject,
    policy: {
      ...policy,
      name: `${policy.name}.elsewhere`.replaceAll(/[^A-Za-z0-9.+-]/g, '-'),
      mechanisms,
    },
  };
  const trials = subject.loads.flatMap((load) => {
    const scenario = gone(subject, NAME, VANISH, load);
    const onLinuxMs = ghostMs(policy, scenario);
    if (onLinuxMs === null || onLinuxMs === undefined) return [];
    const said = `${problem.message} A ${subject.peer} that vanishes ${whileLoad(load)}`;
    const found = `on Linux it is found within ${inWords(onLinuxMs, 'up')}`;
    const never = unnoticed(rest, NAME, VANISH, load, () => ({
      ...problem,
      message: `${said} is never noticed; ${found}.`,
    }));
    const late = lateGhost(rest.policy, scenario, Math.ceil(onLinuxMs), (seen) =>
      seen.ghostMs === null
        ? null
        : {
            ...problem,
            message: `${said} is found after ${inWords(seen.ghostMs, 'down')}; ${found}.`,
            severity: 'warning',
          },
    );
    return [...never, ...late];
  });
  return { trials, otherwise: { ...problem, severity: 'note' } };
}

export const linuxOnly: PolicyRule = {
  name: NAME,
  severity: 'error',
  summary: 'A mechanism works on Linux only, and the server runs elsewhere, or nobody says where.',
  source: 'tcp(7); Linux uapi/linux/tcp.h, struct tcp_info',
  check: (subject) => {
    if (subject.platform === 'linux') return [];
    return subject.policy.mechanisms.flatMap((mechanism, index): readonly Proposal[] => {
      const reason = kindOf(mechanism).linuxOnly(mechanism);
      if (reason === undefined || mechanism.lost !== undefined) return [];
      const path = mechanismPath(subject, index);
      if (subject.platform === 'other') {
        const message = `The server does not run on Linux, and ${reason}: ${mechanism.kind} is off.`;
        return [elsewhere(subject, { path, message, remedy: REMEDY })];
      }
      const message = `Elsewhere than on Linux ${mechanism.kind} is off: ${reason}.`;
      return [note({ path, message, remedy: REMEDY })];
    });
  },
};
