/** What the verbs over a grid share: flags to a job, the job to a comparison, the command to repeat it. */
import type { Result } from '../../model/issue.ts';
import type { Comparison } from '../../model/results/types.ts';
import type { CellPart, Grid as RunGrid, Shard } from '../../scenarios/compare/index.ts';
import { formatSeed, parseSeed } from '../../sim/random.ts';
import { environmentWords, parseEnvironment, placedIn } from '../arguments/environment.ts';
import type { GridFlags, SelectionFlags } from '../arguments/flags.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import { stackOnlyIssues } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { policyWord, scenarioWord } from '../arguments/written-out.ts';
import { cellsAt, oneEnd, oneStack } from './stack-cells.ts';
import { allOf, parseJobs, parseRuns } from '../arguments/options.ts';
import { knownAnswers } from '../cache/known-answers.ts';
import { playGrid, playShard, type Means } from './pool.ts';
import { startProgress } from '../terminal/progress.ts';
import { repeated } from '../arguments/replay.ts';
import type { Chosen } from '../arguments/select.ts';
import { policiesOf, scenariosOf } from './swarm.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Grid extends RunGrid, Means {
  /** Of a stack: which, who judges, and on which of its links. */
  readonly end?: { readonly stack: string; readonly party: string; readonly link: number };
  /** What selects a policy or scenario of this name again: itself, or its file. */
  readonly policySelectors: ReadonlyMap<string, string>;
  readonly scenarioSelectors: ReadonlyMap<string, string>;
}

function selectorsOf(chosen: readonly Chosen<{ readonly name: string }>[]): Map<string, string> {
  return new Map(chosen.map(({ thing, selector }) => [thing.name, selector]));
}

/** One end of a stack as a grid of one policy: what is effective there, and the stories as they happen on its link. */
function gridOfEnd(
  flags: GridFlags,
  stories: readonly Scenario[],
  rest: Pick<Grid, 'runs' | 'seed' | 'jobs' | 'known'>,
  environment: Environment | undefined,
): Result<Grid> {
  const end = oneEnd(flags, environment?.rttMs);
  if (!end.ok) return end;
  const cells = cellsAt(end.value, stories);
  if (!cells.ok) return cells;
  const stack = oneStack(flags.stack ?? []);
  if (!stack.ok) return stack;
  const { policy, party, link } = end.value;
  return {
    ok: true,
    value: {
      ...rest,
      ...(environment !== undefined && { environment }),
      end: { stack: stack.value.name, party, link },
      policies: [policy],
      scenarios: cells.value,
      policySelectors: new Map([[policy.name, policyWord(policy)]]),
      scenarioSelectors: new Map(cells.value.map((one) => [one.name, scenarioWord(one)])),
    },
  };
}

/** The grid that the flags describe. */
export function parseGrid(flags: GridFlags): Result<Grid> {
  const isStack = (flags.stack ?? []).length > 0;
  const parts = allOf({
    environment: parseEnvironment(flags),
    policies: isStack
      ? ({ ok: true, value: [] } as const)
      : policiesOf(flags.policy, flags.seed, flags.swarmPolicies),
    scenarios: scenariosOf(flags.scenario, flags.seed, flags.swarm),
    runs: parseRuns(flags.runs),
    seed: parseSeed(flags.seed),
    jobs: parseJobs(flags.jobs),
  });
  if (!parts.ok) return parts;
  const { policies, scenarios: chosen, environment, ...given } = parts.value;
  const rest = { ...given, known: knownAnswers(flags) };
  const placed = placedIn(chosen, environment);
  if (!placed.ok) return placed;
  const scenarios = placed.value;
  const stories = scenarios.map(({ thing }) => thing);
  if (isStack) return gridOfEnd(flags, stories, rest, environment);
  const stray = stories.flatMap(stackOnlyIssues);
  if (stray.length > 0) return { ok: false, issues: stray };
  const grid: Grid = {
    ...rest,
    ...(environment !== undefined && { environment }),
    policies: policies.map(({ thing }) => thing),
    scenarios: stories,
    policySelectors: selectorsOf(policies),
    scenarioSelectors: selectorsOf(scenarios),
  };
  return { ok: true, value: grid };
}

/** A share of the grid, with a line of progress. */
export async function shareOfGrid(
  grid: Grid,
  quiet: boolean | undefined,
  terminal: Terminal,
  shard: Shard,
): Promise<CellPart[]> {
  const progress = startProgress('simulating', terminal, quiet);
  return playShard(grid, grid, progress.report, shard).finally(() => progress.end());
}

/** The whole comparison, with a line of progress. */
export async function compareGrid(
  grid: Grid,
  quiet: boolean | undefined,
  terminal: Terminal,
): Promise<Comparison> {
  const progress = startProgress('simulating', terminal, quiet);
  return playGrid(grid, grid, progress.report).finally(() => progress.end());
}

/** The policy that the user runs: the first that is named; a tag names none. */
export function policyRun({ policies }: Grid, { policy }: SelectionFlags): string | undefined {
  const [first] = policy;
  return first === undefined || first.startsWith('@') ? undefined : policies[0]?.name;
}

/** The words that repeat the grid: what was selected, how often, from which seed. */
export function gridWords(selected: SelectionFlags, grid: Grid): string[] {
  return [
    ...repeated('--policy', selected.policy),
    ...repeated('--stack', selected.stack ?? []),
    ...(selected.party === undefined ? [] : ['--party', selected.party]),
    ...repeated('--scenario', selected.scenario),
    ...(selected.swarm === undefined ? [] : ['--swarm', selected.swarm]),
    ...(selected.swarmPolicies === undefined ? [] : ['--swarm-policies', selected.swarmPolicies]),
    ...environmentWords(selected),
    '--runs',
    String(grid.runs),
    '--seed',
    formatSeed(grid.seed),
  ];
}
