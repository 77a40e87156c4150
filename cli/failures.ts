/** What did not hold, as people read it: listed heaviest first, with the command that replays it. */
import type { SelectionFlags } from './flags.ts';
import type { Grid } from './grid.ts';
import type { Terminal } from './terminal.ts';
import { formatCount } from './text/numbers.ts';
import { printable } from './text/width.ts';
import type { Failure } from './verdict.ts';

/** Failures beyond this many are counted, not listed. */
const MOST_LISTED = 10;

/** A grid and the flags that selected it. */
interface Selected {
  readonly grid: Grid;
  readonly selected: SelectionFlags;
}

function failureLine({ policy, scenario, text }: Failure): string {
  const where = policy === undefined || scenario === undefined ? '' : `${policy} on ${scenario}: `;
  return `✗ ${where}${text}`;
}

/** The selection that shows one failure alone. */
function onlyThat({ policy, scenario }: Failure, { grid, selected }: Selected): SelectionFlags {
  const { policySelectors, scenarioSelectors } = grid;
  return {
    policy: policy === undefined ? selected.policy : [policySelectors.get(policy) ?? policy],
    scenario:
      scenario === undefined ? selected.scenario : [scenarioSelectors.get(scenario) ?? scenario],
  };
}

/**
 * Lists the failures on stderr; the last line replays the first.
 *
 * @param commandFor the whole command for a selection
 */
export function reportFailures(
  failures: readonly Failure[],
  subject: Selected,
  commandFor: (selected: SelectionFlags) => string,
  terminal: Terminal,
): void {
  const [first] = failures;
  if (first === undefined) return;
  const listed = failures.slice(0, MOST_LISTED).map(failureLine);
  const rest = failures.length - listed.length;
  const more = rest > 0 ? [`… and ${formatCount(rest)} more`] : [];
  const lines = [...listed, ...more, `replay: ${commandFor(onlyThat(first, subject))}`];
  terminal.err(`${lines.map(printable).join('\n')}\n`);
}
