/** What the verbs over a grid share: flags to a job, the job to a comparison, the command to repeat it. */
import type { Result } from '../../model/issue.ts';
import type { Comparison } from '../../model/results/types.ts';
import {
  mergeParts,
  type CellPart,
  type Grid as RunGrid,
  type Shard,
} from '../../scenarios/compare/index.ts';
import { formatSeed, parseSeed } from '../../sim/random.ts';
import { environmentWords, parseEnvironment, placedIn } from '../arguments/environment.ts';
import type { GridFlags, SelectionFlags } from '../arguments/flags.ts';
import { allOf, parseJobs, parseRuns } from '../arguments/options.ts';
import { playGrid } from './pool.ts';
import { startProgress } from '../terminal/progress.ts';
import { repeated } from '../arguments/replay.ts';
import type { Chosen } from '../arguments/select.ts';
import { policiesOf, scenariosOf } from './swarm.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Grid extends RunGrid {
  readonly jobs: number;
  /** What selects a policy or scenario of this name again: itself, or its file. */
  readonly policySelectors: ReadonlyMap<string, string>;
  readonly scenarioSelectors: ReadonlyMap<string, string>;
}

function selectorsOf(chosen: readonly Chosen<{ readonly name: string }>[]): Map<string, string> {
  return new Map(chosen.map(({ thing, selector }) => [thing.name, selector]));
}

/** The grid that the flags describe. */
export function parseGrid(flags: GridFlags): Result<Grid> {
  const parts = allOf({
    environment: parseEnvironment(flags),
    policies: policiesOf(flags.policy, flags.seed, flags.swarmPolicies),
    scenarios: scenariosOf(flags.scenario, flags.seed, flags.swarm),
    runs: parseRuns(flags.runs),
    seed: parseSeed(flags.seed),
    jobs: parseJobs(flags.jobs),
  });
  if (!parts.ok) return parts;
  const { policies, scenarios: chosen, environment, ...rest } = parts.value;
  const placed = placedIn(chosen, environment);
  if (!placed.ok) return placed;
  const scenarios = placed.value;
  const grid: Grid = {
    ...rest,
    ...(environment !== undefined && { environment }),
    policies: policies.map(({ thing }) => thing),
    scenarios: scenarios.map(({ thing }) => thing),
    policySelectors: selectorsOf(policies),
    scenarioSelectors: selectorsOf(scenarios),
  };
  return { ok: true, value: grid };
}

/** Plays the grid, or a share of it, with a line of progress. */
export async function playWithProgress(
  grid: Grid,
  quiet: boolean | undefined,
  terminal: Terminal,
  shard: Shard = { index: 0, count: 1 },
): Promise<CellPart[]> {
  const progress = startProgress('simulating', terminal, quiet);
  try {
    return await playGrid(grid, grid.jobs, progress.report, shard);
  } finally {
    progress.end();
  }
}

/** The whole comparison. */
export async function compareGrid(
  grid: Grid,
  quiet: boolean | undefined,
  terminal: Terminal,
): Promise<Comparison> {
  return mergeParts(grid, await playWithProgress(grid, quiet, terminal));
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
