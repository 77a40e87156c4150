/** `compare --stack`: every end of every stack on its own link, in one table; what is not played is told with its reason. */
import type { Result } from '../../model/issue.ts';
import { formatSeed } from '../../sim/random.ts';
import { hanging, printable, SENTENCE_COLUMNS } from '../../text/width.ts';
import { environmentWords } from '../arguments/environment.ts';
import { allOf, parseThresholds, thresholdWords, unwrap } from '../arguments/options.ts';
import { commandLine } from '../arguments/replay.ts';
import { failuresOf, remarksOn, type Failure } from '../checks/comparison.ts';
import type { NotPlayedCell } from '../grid/stack-cells.ts';
import {
  compareStackGrid,
  parseStackGrid,
  stackGridWords,
  type StackGrid,
} from '../grid/stack-comparison.ts';
import { failureText } from '../output/failures.ts';
import { emit, layoutFor, remark } from '../output/emit.ts';
import { checkPlaces } from '../output/present.ts';
import { writeReport } from '../output/report-files.ts';
import { reportOfStacks } from '../output/stack-report.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { packageVersion } from '../terminal/version.ts';
import { raceLines } from '../text/races.ts';
import { comparisonText } from '../text/comparison.ts';
import { jsonDocument } from '../text/json-document.ts';
import type { CompareFlags } from './compare-flags.ts';

/** Flags that speak of grids of policies. */
function checkAlone({ swarmPolicies, shard }: CompareFlags): Result<undefined> {
  const beside = [
    ...(swarmPolicies === undefined ? [] : ['--swarm-policies']),
    ...(shard === undefined ? [] : ['--shard']),
  ];
  if (beside.length === 0) return { ok: true, value: undefined };
  const received = beside.join(', ');
  const expected = 'stacks and policies by name';
  const hint = 'shares are of policies alone';
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

/** The command that plays the cell in which something did not hold. */
function replayOf(
  { policy, scenario, shownBy }: Failure,
  { cells: { ends }, runs, seed }: StackGrid,
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

/** `compare --stack`. */
export async function compareStacks(
  flags: CompareFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const { grid, thresholds } = unwrap(
    allOf({
      alone: checkAlone(flags),
      grid: parseStackGrid(flags),
      thresholds: parseThresholds(flags),
    }),
  );
  checkPlaces(flags);
  const comparison = await compareStackGrid(grid, flags.quiet, terminal);
  const { rows } = comparison;
  const { cells, stories } = grid;
  const words = [...stackGridWords(flags, grid), ...thresholdWords(flags)];
  const repeat = commandLine([
    'ghostbound',
    'compare',
    ...words,
    ...(flags.strict ? ['--strict'] : []),
  ]);
  const layout = layoutFor(flags, terminal);
  const shown = {
    comparison,
    scenarios: stories.filter(({ name }) => rows.some(({ scenario }) => scenario === name)),
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
  if (flags.report !== undefined) {
    await writeReport(flags.report, { ...reportOfStacks(comparison, grid), command: repeat });
    remark(`wrote ${flags.report}`, flags, terminal);
  }
  const remarks = remarksOn(comparison, thresholds);
  for (const text of remarks) remark(text, flags, terminal);
  const failures = failuresOf(comparison, thresholds);
  const [first] = failures;
  if (rows.length === 0) return ExitCode.NothingSampled;
  if (first === undefined)
    return flags.strict && remarks.length > 0 ? ExitCode.ThresholdFailed : ExitCode.Fine;
  const replay = replayOf(first, grid, flags) ?? repeat;
  const listed = failures.slice(0, 10).map((failure) => `✗ ${failureText(failure)}`);
  terminal.err(`${[...listed, `replay: ${replay}`].map(printable).join('\n')}\n`);
  return first.code;
}
