/** What did not hold, as people read it: listed heaviest first, with the command that replays it. */
import { environmentFlags, environmentWords } from '../arguments/environment.ts';
import type { SelectionFlags } from '../arguments/flags.ts';
import type { Grid } from '../grid/grid.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatSeed } from '../../sim/random.ts';
import { commandLine, repeated } from '../arguments/replay.ts';
import { pickRun } from '../../scenarios/pick.ts';
import { brokenRun } from '../../scenarios/swarm/index.ts';
import { ExitCode } from '../terminal/exit.ts';
import { shrink } from './shrink.ts';
import { formatCount } from '../../text/numbers.ts';
import { printable } from '../../text/width.ts';
import type { Failure } from '../checks/comparison.ts';

/** Failures beyond this many are counted, not listed. */
const MOST_LISTED = 10;

/** A grid and the flags that selected it. */
interface Selected {
  readonly grid: Grid;
  readonly selected: SelectionFlags;
  /** The limits that one run can break, as they were typed. */
  readonly thresholds: readonly string[];
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
  const swarmPolicies = policy === undefined ? selected.swarmPolicies : undefined;
  return {
    ...environmentFlags(selected),
    ...(swarm !== undefined && { swarm }),
    ...(swarmPolicies !== undefined && { swarmPolicies }),
    policy: policy === undefined ? selected.policy : [policySelectors.get(policy) ?? policy],
    scenario:
      scenario === undefined ? selected.scenario : [scenarioSelectors.get(scenario) ?? scenario],
  };
}

/** Where the counterexample's policy goes when its lines are run. */
const COUNTEREXAMPLE = 'counterexample.policy.json';

/**
 * A drawn policy or scenario that breaks a statement is made as plain as it can be and still break it: lines that write
 * the policy's file and replay the run that shows it. Nothing where both were written.
 */
function shrunkLines({ policy, scenario }: Failure, { grid }: Selected): string[] {
  const law = grid.policies.find(({ name }) => name === policy);
  const story = grid.scenarios.find(({ name }) => name === scenario);
  // What is drawn again by its name would be drawn without the environment.
  if (law === undefined || story === undefined || grid.environment !== undefined) return [];
  const shrunk = shrink(law, story, grid.seed, grid.runs);
  if (shrunk === null) return [];
  const { policyJson } = shrunk;
  const written = grid.policySelectors.get(law.name) ?? law.name;
  const words = [
    ...repeated('--policy', [policyJson === null ? written : COUNTEREXAMPLE]),
    ...repeated('--scenario', [
      grid.scenarioSelectors.get(shrunk.scenario.name) ?? shrunk.scenario.name,
    ]),
    '--seed',
    formatSeed(grid.seed),
    '--index',
    String(shrunk.run),
  ];
  const file =
    policyJson === null
      ? []
      : [`${commandLine(['echo', JSON.stringify(policyJson)])} > ${COUNTEREXAMPLE}`];
  return [
    `shrunk: ${shrunk.what} still in ${shrunk.scenario.name}`,
    ...file,
    `replay: ${commandLine(['ghostbound', 'run', ...words])}`,
  ];
}

/** The one run that shows a failure, as the command that prints it; nothing where no single run does. */
function runLines(failure: Failure, { grid, selected, thresholds }: Selected): string[] {
  const { code, shownBy } = failure;
  const law = grid.policies.find(({ name }) => name === failure.policy);
  const story = grid.scenarios.find(({ name }) => name === failure.scenario);
  if (law === undefined || story === undefined) return [];
  const { seed, runs } = grid;
  const broken = code === ExitCode.FalseReap || code === ExitCode.BoundExceeded;
  const run = broken
    ? (brokenRun(law, story, seed, runs)?.run ?? null)
    : shownBy === undefined
      ? null
      : pickRun(law, story, seed, runs, shownBy);
  if (run === null) return [];
  const words = [
    ...repeated('--policy', [grid.policySelectors.get(law.name) ?? law.name]),
    ...repeated('--scenario', [grid.scenarioSelectors.get(story.name) ?? story.name]),
  ];
  const around = environmentWords(selected);
  const which = [...around, '--seed', formatSeed(seed), '--index', String(run), ...thresholds];
  return [`replay: ${commandLine(['ghostbound', 'run', ...words, ...which])}`];
}

/**
 * Lists the failures on stderr; the last line replays the one run that shows the first, one of a drawn scenario in its
 * plainest form; where no single run does, the command for its cell.
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
  const lastLines = [
    shrunkLines(first, subject),
    runLines(first, subject),
    [`replay: ${commandFor(onlyThat(first, subject))}`],
  ];
  const lines = [...listed, ...more, ...(lastLines.find(({ length }) => length > 0) ?? [])];
  terminal.err(`${lines.map(printable).join('\n')}\n`);
}
