/** `report`: the comparison as one page, or each of its charts as a file. */
import type { Comparison } from '../../model/results/types.ts';
import { remark } from '../output/emit.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { failureText } from '../output/failures.ts';
import { checkWritable, makeDirectory } from '../files/files.ts';
import { compareGrid, gridWords, parseGrid, policyRun, type Grid } from '../grid/grid.ts';
import { allOf, parseChoice, unwrap } from '../arguments/options.ts';
import { commandLine } from '../arguments/replay.ts';
import { checkCharts, writeCharts, writeReport } from '../output/report-files.ts';
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

async function write(
  format: Format,
  out: string,
  grid: Grid,
  comparison: Comparison,
  command: string,
  run: string | undefined,
): Promise<string[]> {
  const subject = { ...grid, comparison, command, run };
  if (format !== 'html') return writeCharts(out, format, subject);
  await writeReport(out, subject);
  return [out];
}

function resultText(
  comparison: Comparison,
  files: readonly string[],
  run: string | undefined,
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
    ...closingLines(comparison, run, { shows: () => false }, columns),
    `repeat: ${repeat}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** `report`. */
export async function reportVerb(flags: ReportFlags, terminal: Terminal): Promise<ExitCodeValue> {
  const { grid, format } = unwrap(
    allOf({
      grid: parseGrid(flags),
      format: parseChoice(flags.format ?? 'html', '--format', formats),
    }),
  );
  const out = flags.out ?? (format === 'html' ? DEFAULT_PAGE : DEFAULT_DIRECTORY);
  await checkCharts(format === 'html' ? 'svg' : format);
  if (format === 'html') checkWritable(out);
  else makeDirectory(out);
  const comparison = await compareGrid(grid, flags.quiet, terminal);
  const run = policyRun(grid, flags);
  const place = flags.out === undefined ? [] : ['--out', flags.out];
  const kind = format === 'html' ? [] : ['--format', format];
  const words = ['ghostbound', 'report', ...gridWords(flags, grid), ...kind, ...place];
  const repeat = commandLine(words);
  const files = await write(format, out, grid, comparison, repeat, run);
  terminal.out(resultText(comparison, files, run, flags.json === true, terminal.columns, repeat));
  for (const text of comparison.warnings) remark(text, flags, terminal);
  const [failure] = failuresOf(comparison, { noFalseReaps: false });
  if (failure !== undefined) {
    remark(failureText(failure), flags, terminal);
  }
  return failure?.code ?? ExitCode.Fine;
}
