/** What the linter says, what a rule is, and how a rule shows that what it says happens. */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Expectation, PatchStep, Severity } from '../results/lint-schema.ts';
import type { StackSubject, PolicySubject } from './subject.ts';

export {
  severities,
  type Expectation,
  type Finding,
  type PatchStep,
  type Severity,
} from '../results/lint-schema.ts';

/** How a life in which the expectation came true went. */
export interface Seen {
  /** From the accept to the end of the connection, ms; null = it was not ended. */
  readonly endedMs: number | null;
  /** From the last bytes that were read of the peer to that end, ms. */
  readonly quietMs: number | null;
  /** What ended it: the kind of a mechanism, `kernel ETIMEDOUT`, `drain`, `close`; '' where nothing did. */
  readonly by: string;
  /** From the fault to the decision, ms; null = there was none. */
  readonly ghostMs: number | null;
}

/** A finding as a rule words it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  /** Where it is less bad than the rule in general. */
  readonly severity?: Severity;
  /** The remedy as a change of the policy or stack, where it is one. */
  readonly cure?: readonly PatchStep[];
}

/** A life that must show what a rule says before it is said. */
export interface Trial {
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly expect: Expectation;
  /** At most so many lives are played until one shows it. */
  readonly lives: number;
  /** What is said of the life in which it was seen; null = what was seen is not this rule's matter. */
  readonly tell: (seen: Seen) => Problem | null;
}

/** Something that a rule holds to be so. */
export interface Proposal {
  /** The first that is shown is told; an error or a warning comes from nowhere else. */
  readonly trials: readonly Trial[];
  /** What remains to be said where none is shown: a note. */
  readonly otherwise?: Problem;
}

/** A life of the finding's own, which shows it. */
export interface Showing {
  /** What was played: the policy itself, or what is effective on one link of the stack. */
  readonly played: Policy;
  readonly scenario: Scenario;
  readonly expect: Expectation;
  readonly seed: string;
  /** Which run of that seed. */
  readonly index: number;
}

interface RuleBase {
  readonly name: string;
  /** The worst it can be. */
  readonly severity: Severity;
  /** When it fires, in one sentence. */
  readonly summary: string;
  readonly source: string;
  /** Rules before this one that say the same more closely: where one of them fires, this one is silent. */
  readonly yieldsTo?: readonly string[];
}

/** Looks at one policy. */
export interface PolicyRule extends RuleBase {
  readonly check: (subject: PolicySubject) => readonly Proposal[];
}

/** Looks at how the hops of a stack fit together. */
export interface StackRule extends RuleBase {
  readonly check: (subject: StackSubject) => readonly Proposal[];
}
