/** Policies that hang on a single mechanism. */
import { ghostMs, lost, withMechanism } from '../ask.ts';
import { gone, VANISH } from '../story.ts';
import { mechanismPath } from '../subject-of.ts';
import { note } from '../trials.ts';
import type { PolicyRule } from '../types.ts';
import { inWords, whileLoad } from '../words.ts';

const NAME = 'single-mechanism';

export const singleMechanism: PolicyRule = {
  name: NAME,
  severity: 'note',
  summary: 'Vanished peers are found by one mechanism alone: with it lost, they are not found.',
  source: 'A chat server whose sweep had stopped acting: two ghosts stood for a week',
  check: (subject) => {
    const [load] = subject.loads;
    if (load === undefined) return [];
    const scenario = gone(subject, NAME, VANISH, load);
    const nowMs = ghostMs(subject.policy, scenario);
    if (nowMs === null || nowMs === undefined) return [];
    return subject.policy.mechanisms.flatMap((mechanism, index) => {
      if (mechanism.lost !== undefined) return [];
      if (ghostMs(withMechanism(subject.policy, index, lost), scenario) !== null) return [];
      return [
        note({
          path: mechanismPath(subject, index),
          message: `A ${subject.peer} that vanishes ${whileLoad(load)} is found within ${inWords(nowMs, 'up')} by ${mechanism.kind} alone: should that stop acting unseen, it stands for ever.`,
          remedy: 'Add a backstop of another kind, such as keepalive beside a ping.',
        }),
      ];
    });
  },
};
