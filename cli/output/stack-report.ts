/** The report page of stacks: every end is a row of its grid, under its own name and on the stories as they happen on its link. */
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { StackGrid } from '../grid/stack-comparison.ts';
import type { StackEnd } from '../grid/stack-cells.ts';
import type { ReportSubject } from './report-files.ts';

/** What the page calls an end: the stack, and the party where the stack has several that judge. */
function labelOf({ stack, end }: StackEnd, ends: readonly StackEnd[]): string {
  const same = ends.filter((one) => one.stack === stack);
  const isOnly = same.length === 1;
  const isTwice = same.filter((one) => one.end.party === end.party).length > 1;
  return `${stack}${isOnly ? '' : `: ${end.party}${isTwice ? ` on link ${end.link}` : ''}`}`;
}

/** What the page is made of. */
export function reportOfStacks(
  comparison: Comparison,
  { cells: { ends, plain }, stories, seed }: StackGrid,
): Omit<ReportSubject, 'command'> {
  const labels = new Map(ends.map((one) => [one.end.policy.name, labelOf(one, ends)]));
  const called = (name: string): string => labels.get(name) ?? name;
  const policies: readonly Policy[] = [
    ...ends.map(({ end: { policy } }) => ({ ...policy, name: called(policy.name) })),
    ...plain.policies,
  ];
  const own = new Map<string, readonly Scenario[]>(
    ends.map(({ end, scenarios }) => [called(end.policy.name), scenarios]),
  );
  return {
    comparison: {
      ...comparison,
      rows: comparison.rows.map((row) => ({ ...row, policy: called(row.policy) })),
    },
    policies,
    scenarios: stories.filter(({ name }) =>
      comparison.rows.some(({ scenario }) => scenario === name),
    ),
    ownScenarios: own,
    seed,
    run: undefined,
    isOfStacks: true,
  };
}
