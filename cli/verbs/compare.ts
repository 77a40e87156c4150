/** `compare`: policies × scenarios → the table, the document, and whether what was stated held. */
import type { Comparison } from '../../model/results/types.ts';
import { checkOut, emit, layoutFor, remark } from '../emit.ts';
import { ExitCode, type ExitCodeValue } from '../exit.ts';
import { checkWritable } from '../files.ts';
import { compareGrid, gridWords, parseGrid, type Grid } from '../grid.ts';
import { allOf, parseThresholds, unwrap } from '../options.ts';
import type { CompareFlags } from '../program.ts';
import { commandLine } from '../replay.ts';
import { writeReport } from '../report-files.ts';
import type { Terminal } from '../terminal.ts';
import { comparisonText } from '../text/comparison.ts';
import { jsonDocument } from '../text/json-document.ts';
import { formatCount } from '../text/numbers.ts';
import { printable } from '../text/width.ts';
import { failuresOf, remarksOn, type Failure } from '../verdict.ts';
import { packageVersion } from '../version.ts';

/** Failures beyond this many are counted, not listed. */
const MOST_LISTED = 10;

/** `--max-ghost 45s` and the like, as they were typed. */
function thresholdWords(flags: CompareFlags): string[] {
  return [
    ...(flags.maxGhost === undefined ? [] : ['--max-ghost', flags.maxGhost]),
    ...(flags.falseReaps ? [] : ['--no-false-reaps']),
    ...(flags.maxOverhead === undefined ? [] : ['--max-overhead', flags.maxOverhead]),
    ...(flags.strict ? ['--strict'] : []),
  ];
}

/** The command that shows one failure alone. */
function replayOf({ policy, scenario }: Failure, flags: CompareFlags, grid: Grid): string {
  const only = {
    policy: policy === undefined ? flags.policy : [grid.policySelectors.get(policy) ?? policy],
    scenario:
      scenario === undefined ? flags.scenario : [grid.scenarioSelectors.get(scenario) ?? scenario],
  };
  return commandLine(['ghostbound', 'compare', ...gridWords(only, grid), ...thresholdWords(flags)]);
}

function failureLine({ policy, scenario, text }: Failure): string {
  const where = policy === undefined || scenario === undefined ? '' : `${policy} on ${scenario}: `;
  return `✗ ${where}${text}`;
}

/** What did not hold, heaviest first, and the command that replays the heaviest: the last line. */
function reportFailures(
  failures: readonly Failure[],
  flags: CompareFlags,
  grid: Grid,
  terminal: Terminal,
): void {
  const [first] = failures;
  if (first === undefined) return;
  const listed = failures.slice(0, MOST_LISTED).map(failureLine);
  const rest = failures.length - listed.length;
  const more = rest > 0 ? [`… and ${formatCount(rest)} more`] : [];
  const lines = [...listed, ...more, `replay: ${replayOf(first, flags, grid)}`];
  terminal.err(`${lines.map(printable).join('\n')}\n`);
}

function resultText(
  comparison: Comparison,
  flags: CompareFlags,
  grid: Grid,
  terminal: Terminal,
  next: readonly string[],
): string {
  if (flags.json) return jsonDocument(comparison);
  const text = {
    comparison,
    scenarios: grid.scenarios,
    version: packageVersion(),
    verbose: flags.verbose === true,
    next,
    repeat: repeatCommand(flags, grid),
  };
  return comparisonText(text, layoutFor(flags, terminal));
}

function repeatCommand(flags: CompareFlags, grid: Grid): string {
  return commandLine([
    'ghostbound',
    'compare',
    ...gridWords(flags, grid),
    ...thresholdWords(flags),
  ]);
}

/** `compare`; `next` goes below the result, above the last line. */
export async function compareVerb(
  flags: CompareFlags,
  terminal: Terminal,
  next: readonly string[] = [],
): Promise<ExitCodeValue> {
  const parts = allOf({ grid: parseGrid(flags), thresholds: parseThresholds(flags) });
  const { grid, thresholds } = unwrap(parts);
  checkOut(flags);
  if (flags.report !== undefined) checkWritable(flags.report);
  const comparison = await compareGrid(grid, flags.quiet, terminal);
  emit(resultText(comparison, flags, grid, terminal, next), flags, terminal);
  if (flags.report !== undefined) {
    await writeReport(flags.report, { ...grid, comparison, command: repeatCommand(flags, grid) });
    remark(`wrote ${flags.report}`, flags, terminal);
  }
  const remarks = remarksOn(comparison);
  for (const text of remarks) remark(text, flags, terminal);
  const strict = flags.strict ? remarks.map(strictFailure) : [];
  const failures = [...failuresOf(comparison, thresholds), ...strict];
  reportFailures(failures, flags, grid, terminal);
  return failures[0]?.code ?? ExitCode.Fine;
}

function strictFailure(text: string): Failure {
  return { code: ExitCode.ThresholdFailed, text: `${text} (--strict)` };
}
