/** What the linter says, what a rule is, and how a rule shows that what it says happens. */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import type { ChainSubject, PolicySubject } from './subject.ts';

/**
 * How bad it is. `error`: living peers are cut off, or ghosts stand for ever, while everything works as
 * configured. `warning`: the same under circumstances that do occur. `note`: it works, but not as the
 * numbers read.
 */
export type Severity = 'error' | 'warning' | 'note';

/** Every severity, the worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'note'];

/** What must be seen in a simulated life for a finding to be so. */
export type Expectation =
  /** The connection of a living peer is ended, whatever ends it. */
  | { readonly kind: 'ended-alive' }
  /** The peer is gone, and at the end of the watch nothing has noticed. */
  | { readonly kind: 'never-noticed' }
  /** The end is decided, and at the end of the watch the descriptor is still open. */
  | { readonly kind: 'never-closed' }
  /** The ghost lives longer than this, or for ever. */
  | { readonly kind: 'ghost-longer-than'; readonly ms: number }
  /** A box on the way forgets or closes a connection whose both ends are well. */
  | { readonly kind: 'path-forgets' }
  /** From the order to stop it takes longer than this until the last connection is closed. */
  | { readonly kind: 'stop-longer-than'; readonly ms: number };

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

/** One step of a JSON Patch (RFC 6902) on the policy or chain. */
export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** A finding as a rule words it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  /** Where it is less bad than the rule in general. */
  readonly severity?: Severity;
  /** The remedy as a change of the policy or chain, where it is one. */
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
  /** What was played: the policy itself, or what is effective on one link of the chain. */
  readonly played: Policy;
  readonly scenario: Scenario;
  readonly expect: Expectation;
  readonly seed: string;
  /** Which run of that seed. */
  readonly index: number;
}

/** One thing that does not fit. */
export interface Finding extends Partial<Showing> {
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
  /** The same as a JSON Patch (RFC 6902) on the policy or chain, where it is a change of it. */
  readonly cure?: readonly PatchStep[];
  /** Who found that out: a manual, kernel function, or thread. */
  readonly source: string;
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

/** Looks at how the hops of a chain fit together. */
export interface ChainRule extends RuleBase {
  readonly check: (subject: ChainSubject) => readonly Proposal[];
}
