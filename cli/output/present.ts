/**
 * From a comparison to what the user gets: the table or the document, the report page, remarks,
 * and what did not hold, with the command that replays it and the exit code.
 */
import type { Comparison } from '../../model/results/types.ts';
import { checkOut, emit, layoutFor, remark } from './emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { checkWritable } from '../files/files.ts';
import type { OutputFlags, SelectionFlags } from '../arguments/flags.ts';
import { reportFailures } from './failures.ts';
import { gridWords, policyRun, type Grid } from '../grid/grid.ts';
import { lifeThresholdWords, thresholdWords, type ThresholdFlags } from '../arguments/options.ts';
import { commandLine } from '../arguments/replay.ts';
import { writeReport } from './report-files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { comparisonText } from '../text/comparison.ts';
import { jsonDocument } from '../text/json-document.ts';
import {
  asidesOn,
  doubtsOn,
  failuresOf,
  remarksOn,
  strictFailure,
  type Thresholds,
} from '../checks/comparison.ts';
import { packageVersion } from '../terminal/version.ts';

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

function commandFor(selected: SelectionFlags, grid: Grid, flags: PresentationFlags): string {
  const strict = flags.strict ? ['--strict'] : [];
  const words = [...gridWords(selected, grid), ...thresholdWords(flags), ...strict];
  return commandLine(['ghostbound', 'compare', ...words]);
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
    runs: policyRun(grid, selected),
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
    const run = policyRun(grid, selected);
    await writeReport(flags.report, { ...grid, comparison, command: repeat, run });
    remark(`wrote ${flags.report}`, flags, terminal);
  }
  const remarks = remarksOn(comparison, thresholds);
  const doubts = doubtsOn(comparison);
  const asides = verbose ? asidesOn(comparison) : [];
  // The table says of each row whether it is proved.
  const told = verbose || flags.strict === true ? doubts : [];
  for (const text of [...remarks, ...told, ...asides]) remark(text, flags, terminal);
  const strict = flags.strict ? [...remarks, ...doubts].map(strictFailure) : [];
  const failures = [...failuresOf(comparison, thresholds), ...strict];
  const limited = { ...subject, thresholds: lifeThresholdWords(flags) };
  reportFailures(failures, limited, (only) => commandFor(only, grid, flags), terminal);
  return failures[0]?.code ?? ExitCode.Fine;
}
