/** What the text of a comparison is made of. */
import type { Comparison } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';

export interface ComparisonText {
  readonly comparison: Comparison;
  readonly scenarios: readonly Scenario[];
  /** The policy that the user runs, where one was named: the others are held against it. */
  readonly runs: string | undefined;
  readonly version: string;
  readonly verbose: boolean;
  /** Lines between the result and the last one: what to try next. */
  readonly next: readonly string[];
  /** Its rows are ends of stacks, between which nobody chooses. */
  readonly isOfStacks?: true;
  /** The command that prints the same again. */
  readonly repeat: string;
}
