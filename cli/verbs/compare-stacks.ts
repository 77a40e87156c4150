/** `compare --stack`: every end of every stack on its own link, in one table; what is not played is told with its reason. */
import type { Result } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Stack } from '../../model/stack/index.ts';
import { formatSeed, parseSeed } from '../../sim/random.ts';
import { hanging, printable, SENTENCE_COLUMNS } from '../../text/width.ts';
import { environmentWords, parseEnvironment, placedIn } from '../arguments/environment.ts';
import {
  allOf,
  parseJobs,
  parseRuns,
  parseThresholds,
  thresholdWords,
  unwrap,
} from '../arguments/options.ts';
import { commandLine, repeated } from '../arguments/replay.ts';
import { policiesFor, type Chosen } from '../arguments/select.ts';
import { stacksFor } from '../arguments/stacks.ts';
import { failuresOf, remarksOn, type Failure } from '../checks/comparison.ts';
import { failureText } from '../output/failures.ts';
import { checkOut, emit, layoutFor, remark } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { startProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { packageVersion } from '../terminal/version.ts';
import { raceLines } from '../text/races.ts';
import { comparisonText } from '../text/comparison.ts';
import { jsonDocument } from '../text/json-document.ts';
import type { CompareFlags } from './compare-flags.ts';
import {
  playStacks,
  stackCells,
  type NotPlayedCell,
  type StackCells,
} from '../grid/stack-cells.ts';
import { scenariosOf } from '../grid/swarm.ts';

interface Asked {
  readonly stacks: readonly Chosen<Stack>[];
  readonly stories: readonly Chosen<Scenario>[];
  readonly runs: number;
  readonly seed: bigint;
  readonly jobs: number;
}

/** Flags that speak of grids of policies. */
function checkAlone({ swarmPolicies, shard, report }: CompareFlags): Result<undefined> {
  const beside = [
    ...(swarmPolicies === undefined ? [] : ['--swarm-policies']),
    ...(shard === undefined ? [] : ['--shard']),
    ...(report === undefined ? [] : ['--report']),
  ];
  if (beside.length === 0) return { ok: true, value: undefined };
  const received = beside.join(', ');
  const expected = 'stacks and policies by name';
  const hint = 'report --stack writes the page of one end; shares are of policies alone';
  return {
    ok: false,
    issues: [{ code: 'bad-option', path: '--stack', received, expected, hint }],
  };
}

/** Cells that were not played, by their reason. */
function notPlayedLines(cells: readonly NotPlayedCell[], columns: number): string[] {
  const byReason = new Map<string, NotPlayedCell[]>();
  for (const cell of cells) {
    const key = `${cell.stack} ${cell.party} ${cell.because}`;
    byReason.set(key, [...(byReason.get(key) ?? []), cell]);
  }
  const lines = [...byReason.values()].flatMap((same) => {
    const [{ party, link, because }] = same as [NotPlayedCell];
    const stories =
      same.length > 3 ? `${same.length} stories` : same.map(({ scenario }) => scenario).join(', ');
    const text = printable(`not played: ${stories} for ${party} on link ${link}: ${because}`);
    return hanging(text, Math.min(columns, SENTENCE_COLUMNS), '', '  ');
  });
  return lines;
}

function repeatWords(flags: CompareFlags, { runs, seed }: Asked): readonly string[] {
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

/** The command that plays the cell in which something did not hold. */
function replayOf(
  { policy, scenario, shownBy }: Failure,
  { ends }: StackCells,
  { runs, seed }: Asked,
  flags: CompareFlags,
): string | undefined {
  const found = ends.find(({ end }) => end.policy.name === policy);
  if (found === undefined || scenario === undefined) return undefined;
  const { selector, end } = found;
  return commandLine([
    'ghostbound',
    'run',
    '--stack',
    selector,
    '--party',
    end.party,
    '--scenario',
    scenario,
    ...environmentWords(flags),
    '--seed',
    formatSeed(seed),
    ...(shownBy === undefined ? [] : [`--${shownBy}`, '--runs', String(runs)]),
  ]);
}

const none: Result<readonly Chosen<Policy>[]> = { ok: true, value: [] };

/** What the flags ask for. */
function parseAsked(flags: CompareFlags) {
  return allOf({
    alone: checkAlone(flags),
    environment: parseEnvironment(flags),
    stacks: stacksFor(flags.stack ?? []),
    policies: flags.policy.length === 0 ? none : policiesFor(flags.policy),
    stories: scenariosOf(flags.scenario, flags.seed, flags.swarm),
    runs: parseRuns(flags.runs),
    seed: parseSeed(flags.seed),
    jobs: parseJobs(flags.jobs),
    thresholds: parseThresholds(flags),
  });
}

/** `compare --stack`. */
export async function compareStacks(
  flags: CompareFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const asked = unwrap(parseAsked(flags));
  const { environment, thresholds } = asked;
  checkOut(flags);
  const stories = unwrap(placedIn(asked.stories, environment)).map(({ thing }) => thing);
  const cells = stackCells(asked.stacks, stories, {
    party: flags.party,
    rttMs: environment?.rttMs,
    policies: asked.policies,
  });
  const progress = startProgress('simulating', terminal, flags.quiet);
  const played = await playStacks(cells, asked, progress.report).finally(() => progress.end());
  const comparison: Comparison = {
    schemaVersion: 1,
    seed: formatSeed(asked.seed),
    runs: asked.runs,
    ...(environment !== undefined && { environment }),
    warnings: played.warnings,
    rows: played.rows,
    ...(cells.notPlayed.length > 0 && { notPlayed: cells.notPlayed }),
    ...(cells.races.length > 0 && { races: cells.races }),
  };
  const words = repeatWords(flags, asked);
  const strict = flags.strict ? ['--strict'] : [];
  const repeat = commandLine([
    'ghostbound',
    'compare',
    ...words,
    ...thresholdWords(flags),
    ...strict,
  ]);
  const layout = layoutFor(flags, terminal);
  const shown = {
    comparison,
    scenarios: stories.filter(({ name }) => played.rows.some(({ scenario }) => scenario === name)),
    runs: undefined,
    isOfStacks: true as const,
    version: packageVersion(),
    verbose: flags.verbose === true,
    next: [
      ...raceLines(cells.races, layout.columns),
      ...notPlayedLines(cells.notPlayed, layout.columns),
    ],
    repeat,
  };
  emit(flags.json ? jsonDocument(comparison) : comparisonText(shown, layout), flags, terminal);
  const remarks = remarksOn(comparison, thresholds);
  for (const text of remarks) remark(text, flags, terminal);
  const failures = failuresOf(comparison, thresholds);
  const [first] = failures;
  if (played.rows.length === 0) return ExitCode.NothingSampled;
  if (first === undefined)
    return flags.strict && remarks.length > 0 ? ExitCode.ThresholdFailed : ExitCode.Fine;
  const replay = replayOf(first, cells, asked, flags) ?? repeat;
  const listed = failures.slice(0, 10).map((failure) => `✗ ${failureText(failure)}`);
  terminal.err(`${[...listed, `replay: ${replay}`].map(printable).join('\n')}\n`);
  return first.code;
}
