/**
 * Lint: what is wrong with a policy, or with a stack.
 *
 * A rule proposes, and states as data the life that must show what it says; whoever has a simulator plays it
 * (`proof/lint`). What no life shows is at most a note.
 */
import type { Environment } from '../scenario/environment.ts';
import type { Policy } from '../policy/types.ts';
import type { Stack } from '../stack/index.ts';
import { quietAtBox } from './link.ts';
import { stackRules, policyRules, stopRules } from './registry.ts';
import { stackSubject, policySubject } from './subject-of.ts';
import type { StackRule, PolicyRule, Proposal } from './types.ts';

export { cured } from './cure.ts';
export { affordableLives } from './effort.ts';
export { ruleNames } from './registry.ts';
export { severities } from './types.ts';
export type { Finding, Problem, Proposal, Seen, Severity, Showing, Trial } from './types.ts';

/** The longest time without a sign at a hop between the two ends of a stack, while all is well; null = no limit. */
export function quietAtHop(stack: Stack, place: string): number | null {
  const subject = stackSubject(stack);
  const box = subject.boxes.find(({ hop }) => hop.place === place);
  return box === undefined ? null : quietAtBox(subject, box);
}

/** A rule and what it holds to be so of one subject, found when it is asked for. */
export interface Question {
  readonly rule: PolicyRule | StackRule;
  readonly proposals: () => readonly Proposal[];
}

/** Every rule that looks at such a thing, in the order in which they yield to each other. */
export function questions(
  subject: Policy | Stack,
  environment: Environment = {},
): readonly Question[] {
  if (!('parties' in subject)) {
    const policy = policySubject(subject, environment);
    return policyRules.map((rule) => ({ rule, proposals: () => rule.check(policy) }));
  }
  const stack = stackSubject(subject, environment);
  const ofStack = (rule: StackRule): Question => ({ rule, proposals: () => rule.check(stack) });
  // A server of which nothing is said is not judged.
  const ofPolicy = stack.isServerStated ? policyRules : [];
  return [
    ...stackRules.map(ofStack),
    ...ofPolicy.map((rule) => ({ rule, proposals: () => rule.check(stack.served) })),
    ...stopRules.map(ofStack),
  ];
}
