/** Stacks × stories: what the flags ask for, played, as one comparison. */
import type { Policy } from '../../model/policy/types.ts';
import type { Result } from '../../model/issue.ts';
import type { Comparison } from '../../model/results/types.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import { stackOnlyIssues } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Stack } from '../../model/stack/index.ts';
import { knownAnswers } from '../cache/known-answers.ts';
import { formatSeed, parseSeed } from '../../sim/random.ts';
import { environmentWords, parseEnvironment, placedIn } from '../arguments/environment.ts';
import type { GridFlags } from '../arguments/flags.ts';
import { allOf, parseJobs, parseRuns } from '../arguments/options.ts';
import { repeated } from '../arguments/replay.ts';
import { policiesFor, type Chosen } from '../arguments/select.ts';
import { stacksFor } from '../arguments/stacks.ts';
import { startProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { playStacks, stackCells, type Playing, type StackCells } from './stack-cells.ts';
import { scenariosOf } from './swarm.ts';

/** What is played: every end of every stack, and policies by themselves, on the stories as they happen there. */
export interface StackGrid extends Playing {
  readonly stacks: readonly Chosen<Stack>[];
  /** As they are told; what becomes of them at an end is in its cells. */
  readonly stories: readonly Scenario[];
  readonly cells: StackCells;
  readonly environment: Environment | undefined;
}

const none: Result<readonly Chosen<Policy>[]> = { ok: true, value: [] };

/** The grid that the flags describe. */
export function parseStackGrid(flags: GridFlags): Result<StackGrid> {
  const asked = allOf({
    environment: parseEnvironment(flags),
    stacks: stacksFor(flags.stack ?? []),
    policies: flags.policy.length === 0 ? none : policiesFor(flags.policy),
    stories: scenariosOf(flags.scenario, flags.seed, flags.swarm),
    runs: parseRuns(flags.runs),
    seed: parseSeed(flags.seed),
    jobs: parseJobs(flags.jobs),
  });
  if (!asked.ok) return asked;
  const { stories: chosen, policies, environment, ...rest } = asked.value;
  const placed = placedIn(chosen, environment);
  if (!placed.ok) return placed;
  const stories = placed.value.map(({ thing }) => thing);
  const stray = policies.length === 0 ? [] : stories.flatMap(stackOnlyIssues);
  if (stray.length > 0) return { ok: false, issues: stray };
  const cells = stackCells(rest.stacks, stories, {
    party: flags.party,
    rttMs: environment?.rttMs,
    policies,
  });
  return { ok: true, value: { ...rest, stories, cells, environment, known: knownAnswers(flags) } };
}

/** Plays it, with a line of progress. */
export async function compareStackGrid(
  grid: StackGrid,
  quiet: boolean | undefined,
  terminal: Terminal,
): Promise<Comparison> {
  const progress = startProgress('simulating', terminal, quiet);
  const { cells, environment, runs, seed } = grid;
  const played = await playStacks(cells, grid, progress.report).finally(() => progress.end());
  return {
    schemaVersion: 1,
    seed: formatSeed(seed),
    runs,
    ...(environment !== undefined && { environment }),
    warnings: played.warnings,
    rows: played.rows,
    ...(cells.notPlayed.length > 0 && { notPlayed: cells.notPlayed }),
    ...(cells.races.length > 0 && { races: cells.races }),
  };
}

/** The words that repeat it. */
export function stackGridWords(flags: GridFlags, { runs, seed }: StackGrid): readonly string[] {
  return [
    ...repeated('--stack', flags.stack ?? []),
    ...repeated('--policy', flags.policy),
    ...(flags.party === undefined ? [] : ['--party', flags.party]),
    ...repeated('--scenario', flags.scenario),
    ...(flags.swarm === undefined ? [] : ['--swarm', flags.swarm]),
    ...environmentWords(flags),
    '--runs',
    String(runs),
    '--seed',
    formatSeed(seed),
  ];
}
