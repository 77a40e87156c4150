/** What did not hold, as people read it: listed heaviest first, with the command that replays it. */
import type { SelectionFlags } from './flags.ts';
import type { Grid } from './grid.ts';
import type { Terminal } from './terminal.ts';
import { formatSeed } from '../sim/random.ts';
import { commandLine, repeated } from './replay.ts';
import { shrink } from './swarm.ts';
import { formatCount } from '../text/numbers.ts';
import { printable } from '../text/width.ts';
import type { Failure } from './verdict.ts';

/** Failures beyond this many are counted, not listed. */
const MOST_LISTED = 10;

/** A grid and the flags that selected it. */
interface Selected {
  readonly grid: Grid;
  readonly selected: SelectionFlags;
}

/** What did not hold, and where. */
export function failureText({ policy, scenario, text }: Failure): string {
  const where = policy === undefined || scenario === undefined ? '' : `${policy} on ${scenario}: `;
  return `${where}${text}`;
}

/** The selection that shows one failure alone. */
function onlyThat({ policy, scenario }: Failure, { grid, selected }: Selected): SelectionFlags {
  const { policySelectors, scenarioSelectors } = grid;
  const swarm = scenario === undefined ? selected.swarm : undefined;
  return {
    ...(swarm !== undefined && { swarm }),
    policy: policy === undefined ? selected.policy : [policySelectors.get(policy) ?? policy],
    scenario:
      scenario === undefined ? selected.scenario : [scenarioSelectors.get(scenario) ?? scenario],
  };
}

/**
 * A drawn scenario that breaks a statement is made as plain as it can be and still break it: two lines, which scenario
 * that is, and the run that shows it. Nothing for a written one.
 */
function shrunkLines({ policy, scenario }: Failure, { grid }: Selected): string[] {
  const law = grid.policies.find(({ name }) => name === policy);
  const story = grid.scenarios.find(({ name }) => name === scenario);
  if (law === undefined || story === undefined) return [];
  const shrunk = shrink(law, story, grid.seed, grid.runs);
  if (shrunk === null) return [];
  const words = [
    ...repeated('--policy', [grid.policySelectors.get(law.name) ?? law.name]),
    ...repeated('--scenario', [shrunk.scenario.name]),
    '--seed',
    formatSeed(grid.seed),
    '--index',
    String(shrunk.run),
  ];
  return [
    `shrunk: ${shrunk.what} still in ${shrunk.scenario.name}`,
    `replay: ${commandLine(['ghostbound', 'run', ...words])}`,
  ];
}

/**
 * Lists the failures on stderr; the last line replays the first, one of a drawn scenario in its plainest form.
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
  const listed = failures.slice(0, MOST_LISTED).map((failure) => `✗ ${failureText(failure)}`);
  const rest = failures.length - listed.length;
  const more = rest > 0 ? [`… and ${formatCount(rest)} more`] : [];
  const replay = [`replay: ${commandFor(onlyThat(first, subject))}`];
  const shrunk = shrunkLines(first, subject);
  const lines = [...listed, ...more, ...(shrunk.length > 0 ? shrunk : replay)];
  terminal.err(`${lines.map(printable).join('\n')}\n`);
}
