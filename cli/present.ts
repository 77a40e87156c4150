/**
 * From a comparison to what the user gets: the table or the document, the report page, remarks,
 * and what did not hold, with the command that replays it and the exit code.
 */
import type { Comparison } from '../model/results/types.ts';
import { checkOut, emit, layoutFor, remark } from './emit.ts';
import { ExitCode, type ExitCodeValue } from './exit.ts';
import { checkWritable } from './files.ts';
import type { OutputFlags, SelectionFlags } from './flags.ts';
import { gridWords, type Grid } from './grid.ts';
import type { ThresholdFlags } from './options.ts';
import { commandLine } from './replay.ts';
import { writeReport } from './report-files.ts';
import type { Terminal } from './terminal.ts';
import { comparisonText } from './text/comparison.ts';
import { jsonDocument } from './text/json-document.ts';
import { formatCount } from './text/numbers.ts';
import { printable } from './text/width.ts';
import { failuresOf, remarksOn, strictFailure, type Failure, type Thresholds } from './verdict.ts';
import { packageVersion } from './version.ts';

/** Failures beyond this many are counted, not listed. */
const MOST_LISTED = 10;

/** How a comparison is shown and judged, whether it was run here or merged. */
export interface PresentationFlags extends OutputFlags, ThresholdFlags {
  readonly strict?: boolean;
  readonly verbose?: boolean;
  /** Also write the report page here. */
  readonly report?: string;
}

/** What is presented, and the selection that made it. */
export interface Subject {
  readonly comparison: Comparison;
  readonly grid: Grid;
  readonly selected: SelectionFlags;
}

/** `--max-ghost 45s` and the like, as they were typed. */
function thresholdWords(flags: PresentationFlags): string[] {
  return [
    ...(flags.maxGhost === undefined ? [] : ['--max-ghost', flags.maxGhost]),
    ...(flags.falseReaps ? [] : ['--no-false-reaps']),
    ...(flags.maxOverhead === undefined ? [] : ['--max-overhead', flags.maxOverhead]),
    ...(flags.strict ? ['--strict'] : []),
  ];
}

function commandFor(selected: SelectionFlags, grid: Grid, flags: PresentationFlags): string {
  const words = [...gridWords(selected, grid), ...thresholdWords(flags)];
  return commandLine(['ghostbound', 'compare', ...words]);
}

/** The command that shows one failure alone. */
function replayOf(
  { policy, scenario }: Failure,
  { grid, selected }: Subject,
  flags: PresentationFlags,
): string {
  const { policySelectors, scenarioSelectors } = grid;
  const only = {
    policy: policy === undefined ? selected.policy : [policySelectors.get(policy) ?? policy],
    scenario:
      scenario === undefined ? selected.scenario : [scenarioSelectors.get(scenario) ?? scenario],
  };
  return commandFor(only, grid, flags);
}

function failureLine({ policy, scenario, text }: Failure): string {
  const where = policy === undefined || scenario === undefined ? '' : `${policy} on ${scenario}: `;
  return `✗ ${where}${text}`;
}

/** What did not hold, heaviest first, and the command that replays the heaviest: the last line. */
function reportFailures(
  failures: readonly Failure[],
  subject: Subject,
  flags: PresentationFlags,
  terminal: Terminal,
): void {
  const [first] = failures;
  if (first === undefined) return;
  const listed = failures.slice(0, MOST_LISTED).map(failureLine);
  const rest = failures.length - listed.length;
  const more = rest > 0 ? [`… and ${formatCount(rest)} more`] : [];
  const lines = [...listed, ...more, `replay: ${replayOf(first, subject, flags)}`];
  terminal.err(`${lines.map(printable).join('\n')}\n`);
}

/** Before the work: fails where a result would have no place. */
export function checkPlaces(flags: PresentationFlags): void {
  checkOut(flags);
  if (flags.report !== undefined) checkWritable(flags.report);
}

/** What a verb adds to the text for people. */
export interface Framing {
  /** What to try next: goes below the result, above the last line. */
  readonly next?: readonly string[];
  /** The command that repeats it, where it is a shorter one than the grid spelt out. */
  readonly repeat?: string;
}

/**
 * Shows and judges a comparison.
 *
 * @returns the exit code
 */
export async function present(
  subject: Subject,
  thresholds: Thresholds,
  flags: PresentationFlags,
  terminal: Terminal,
  framing: Framing = {},
): Promise<ExitCodeValue> {
  const { comparison, grid, selected } = subject;
  const { next = [], repeat = commandFor(selected, grid, flags) } = framing;
  const verbose = flags.verbose === true;
  const shown = {
    comparison,
    scenarios: grid.scenarios,
    version: packageVersion(),
    verbose,
    next,
    repeat,
  };
  const result = flags.json
    ? jsonDocument(comparison)
    : comparisonText(shown, layoutFor(flags, terminal));
  emit(result, flags, terminal);
  if (flags.report !== undefined) {
    await writeReport(flags.report, { ...grid, comparison, command: repeat });
    remark(`wrote ${flags.report}`, flags, terminal);
  }
  const remarks = remarksOn(comparison);
  for (const text of remarks) remark(text, flags, terminal);
  const strict = flags.strict ? remarks.map(strictFailure) : [];
  const failures = [...failuresOf(comparison, thresholds), ...strict];
  reportFailures(failures, subject, flags, terminal);
  return failures[0]?.code ?? ExitCode.Fine;
}
