/** `report`: the comparison as one page, or each of its charts as a file. */
import type { Result } from '../../model/issue.ts';
import { remark } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { failureText } from '../output/failures.ts';
import { checkWritable, makeDirectory } from '../files/files.ts';
import { compareGrid, gridWords, parseGrid, policyRun } from '../grid/grid.ts';
import { compareStackGrid, parseStackGrid, stackGridWords } from '../grid/stack-comparison.ts';
import { allOf, parseChoice, unwrap } from '../arguments/options.ts';
import { commandLine } from '../arguments/replay.ts';
import {
  checkCharts,
  writeCharts,
  writeReport,
  type ReportSubject,
} from '../output/report-files.ts';
import { reportOfStacks } from '../output/stack-report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { closingLines } from '../text/comparison.ts';
import { jsonDocument } from '../text/json-document.ts';
import { printable } from '../../text/width.ts';
import { failuresOf } from '../checks/comparison.ts';
import { packageVersion } from '../terminal/version.ts';
import type { GridFlags, OutputFlags } from '../arguments/flags.ts';

/** The flags as typed. */
export interface ReportFlags extends GridFlags, OutputFlags {
  readonly format?: string;
}

const formats = ['html', 'svg', 'png', 'vega-lite'] as const;
type Format = (typeof formats)[number];

const DEFAULT_PAGE = 'ghostbound-report.html';
const DEFAULT_DIRECTORY = 'ghostbound-charts';

async function write(format: Format, out: string, subject: ReportSubject): Promise<string[]> {
  if (format !== 'html') return writeCharts(out, format, subject);
  await writeReport(out, subject);
  return [out];
}

function resultText(
  { comparison, run, isOfStacks }: Omit<ReportSubject, 'command'>,
  files: readonly string[],
  json: boolean,
  columns: number,
  repeat: string,
): string {
  const { seed, runs } = comparison;
  if (json) return jsonDocument({ schemaVersion: 1, seed, runs, files });
  const lines = [
    `ghostbound ${packageVersion()} · seed ${seed}`,
    ...files.map((file) => `wrote ${printable(file)}`),
    // No table stands above: nothing is quoted.
    ...(isOfStacks === true ? [] : closingLines(comparison, run, { shows: () => false }, columns)),
    `repeat: ${repeat}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What is drawn, once it is played, and by which policy its reader measures. */
type Played = (terminal: Terminal) => Promise<Omit<ReportSubject, 'command'>>;

/** What the flags ask for, and the words that repeat it. */
function parseSubject(
  flags: ReportFlags,
): Result<{ readonly words: readonly string[]; readonly played: Played }> {
  if ((flags.stack ?? []).length > 0) {
    const stacks = parseStackGrid(flags);
    if (!stacks.ok) return stacks;
    const { value: grid } = stacks;
    const played: Played = async (terminal) =>
      reportOfStacks(await compareStackGrid(grid, flags.quiet, terminal), grid);
    return { ok: true, value: { words: stackGridWords(flags, grid), played } };
  }
  const read = parseGrid(flags);
  if (!read.ok) return read;
  const { value: grid } = read;
  const played: Played = async (terminal) => ({
    ...grid,
    comparison: await compareGrid(grid, flags.quiet, terminal),
    run: policyRun(grid, flags),
  });
  return { ok: true, value: { words: gridWords(flags, grid), played } };
}

/** `report`. */
export async function reportVerb(flags: ReportFlags, terminal: Terminal): Promise<ExitCodeValue> {
  const { subject, format } = unwrap(
    allOf({
      subject: parseSubject(flags),
      format: parseChoice(flags.format ?? 'html', '--format', formats),
    }),
  );
  const out = flags.out ?? (format === 'html' ? DEFAULT_PAGE : DEFAULT_DIRECTORY);
  await checkCharts(format === 'html' ? 'svg' : format);
  if (format === 'html') checkWritable(out);
  else makeDirectory(out);
  const played = await subject.played(terminal);
  const { comparison } = played;
  const place = flags.out === undefined ? [] : ['--out', flags.out];
  const kind = format === 'html' ? [] : ['--format', format];
  const words = ['ghostbound', 'report', ...subject.words, ...kind, ...place];
  const repeat = commandLine(words);
  const files = await write(format, out, { ...played, command: repeat });
  terminal.out(resultText(played, files, flags.json === true, terminal.columns, repeat));
  for (const text of comparison.warnings) remark(text, flags, terminal);
  const [failure] = failuresOf(comparison, { noFalseReaps: false });
  if (failure !== undefined) {
    remark(failureText(failure), flags, terminal);
  }
  return failure?.code ?? ExitCode.Fine;
}
