/** The drain of a policy, and the stories of a stop that its rules are shown by. */
import { firstOf } from '../mechanisms/index.ts';
import type { DrainMechanism } from '../policy/types.ts';
import { FREEZE, gone, IDLE, living, VANISH } from './story.ts';
import type { PolicySubject } from './subject.ts';
import type { Problem, Trial } from './types.ts';

export interface Drain {
  readonly drain: DrainMechanism;
  readonly index: number;
}

export function drainOf({ policy }: Pick<PolicySubject, 'policy'>): Drain | undefined {
  const drain = firstOf('drain', policy.mechanisms);
  if (drain === undefined || drain.lost !== undefined) return undefined;
  return { drain, index: policy.mechanisms.indexOf(drain) };
}

const SIGTERM_AFTER_MS = 1_000;
const LIVES = 20;

/** A stop with one ghost on board that takes longer than it may. */
export function longStops(
  subject: PolicySubject,
  rule: string,
  longerMs: number,
  tell: (ghost: string) => Problem,
): readonly Trial[] {
  const story = { kind: 'drain', ghosts: 1, sigtermAfterMs: SIGTERM_AFTER_MS } as const;
  const ghosts = [
    { fault: VANISH, words: `a ${subject.peer} that has vanished` },
    { fault: FREEZE, words: `a ${subject.peer} whose process is stopped` },
  ] as const;
  // A living client holds a stop up as well, and for longer than a ghost that somebody finds.
  const alive: Trial = {
    policy: subject.policy,
    scenario: living(subject, rule, { kind: 'none' }, IDLE, { story }),
    expect: { kind: 'stop-longer-than', ms: longerMs },
    lives: 1,
    tell: () => tell(`a living ${subject.peer} that does not leave by itself`),
  };
  const held = ghosts.map(({ fault, words }): Trial => ({
    policy: subject.policy,
    scenario: gone(subject, rule, fault, IDLE, { story, watchMs: longerMs + 1_800_000 }),
    expect: { kind: 'stop-longer-than', ms: longerMs },
    lives: LIVES,
    tell: () => tell(words),
  }));
  return [alive, ...held];
}
