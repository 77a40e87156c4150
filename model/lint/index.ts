/**
 * Lint: what is wrong with a policy, or with a chain of timeouts.
 *
 * A rule proposes, and states as data the life that must show what it says; whoever has a simulator plays it
 * (`proof/lint`). What no life shows is at most a note.
 */
import type { Environment } from '../scenario/environment.ts';
import type { Chain } from '../chain/types.ts';
import type { Policy } from '../policy/types.ts';
import { chainRules, policyRules, stopRules } from './registry.ts';
import { chainSubject, policySubject } from './subject-of.ts';
import type { ChainRule, PolicyRule, Proposal } from './types.ts';

export { cured } from './cure.ts';
export { affordableLives } from './effort.ts';
export { ruleNames } from './registry.ts';
export { severities } from './types.ts';
export type { Finding, Problem, Proposal, Seen, Severity, Showing, Trial } from './types.ts';

/** A rule and what it holds to be so of one subject, found when it is asked for. */
export interface Question {
  readonly rule: PolicyRule | ChainRule;
  readonly proposals: () => readonly Proposal[];
}

/** Every rule that looks at such a thing, in the order in which they yield to each other. */
export function questions(
  subject: Policy | Chain,
  environment: Environment = {},
): readonly Question[] {
  if (!('hops' in subject)) {
    const policy = policySubject(subject, environment);
    return policyRules.map((rule) => ({ rule, proposals: () => rule.check(policy) }));
  }
  const chain = chainSubject(subject, environment);
  const ofChain = (rule: ChainRule): Question => ({ rule, proposals: () => rule.check(chain) });
  // A server of which nothing is said is not judged.
  const ofPolicy = chain.isServerStated ? policyRules : [];
  return [
    ...chainRules.map(ofChain),
    ...ofPolicy.map((rule) => ({ rule, proposals: () => rule.check(chain.served) })),
    ...stopRules.map(ofChain),
  ];
}
