/** What the linter says, and what a rule is. */
import type { ChainSubject, PolicySubject } from './subject.ts';

/**
 * How bad it is. `error`: living peers are cut off, or ghosts stand for ever, while everything works as
 * configured. `warning`: the same under circumstances that do occur. `note`: it works, but not as the
 * numbers read.
 */
export type Severity = 'error' | 'warning' | 'note';

/** One thing that does not fit. */
export interface Finding {
  /** Name of the policy or chain. */
  readonly subject: string;
  /** Name of the rule, e.g. `path-forgets-before-ping`. */
  readonly rule: string;
  readonly severity: Severity;
  /** Where: `mechanisms[0].intervalMs`, `hops[1].idleMs`. */
  readonly path: string;
  /** What happens to whom, with the numbers. */
  readonly message: string;
  /** What to change. */
  readonly remedy: string;
  /** Who found that out: a manual, kernel function, or thread. */
  readonly source: string;
}

/** A finding as a rule reports it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  /** Where it is less bad than the rule in general. */
  readonly severity?: Severity;
}

interface RuleBase {
  readonly name: string;
  /** The worst it can be. */
  readonly severity: Severity;
  /** When it fires, in one sentence. */
  readonly summary: string;
  readonly source: string;
  /** Rules that say the same more closely: where one of them fires, this one is silent. */
  readonly yieldsTo?: readonly string[];
}

/** Looks at one policy. */
export interface PolicyRule extends RuleBase {
  readonly check: (subject: PolicySubject) => readonly Problem[];
}

/** Looks at how the hops of a chain fit together. */
export interface ChainRule extends RuleBase {
  readonly check: (subject: ChainSubject) => readonly Problem[];
}
