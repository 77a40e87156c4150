/**
 * What the linter found, as people read it: per subject each finding with what happens, what to change
 * and who says so; many subjects, one line each. The last line says what to mend first.
 */
import type { Severity } from '../../model/lint/index.ts';
import type {
  LintedSubject,
  LintReport,
  ReportedFinding,
  SuppressedFinding,
} from '../../model/results/lint.ts';
import type { Paint } from '../../text/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { plural } from '../../text/numbers.ts';
import { renderTable, type Column } from '../../text/table.ts';
import { displayWidth, hanging, printable, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';

/** More subjects than this are summed up, unless `--verbose`. */
const MOST_DETAILED_SUBJECTS = 3;

const INDENT = '      ';

const paints: Readonly<Record<Severity, Paint>> = { error: 'bad', warning: 'strong', note: 'dim' };

export interface FindingsText {
  readonly report: LintReport;
  readonly version: string;
  readonly verbose: boolean;
  /** The command that prints the same again. */
  readonly repeat: string;
}

function paragraph(text: string, mark: string, terminal: Terminal): string[] {
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  return hanging(printable(text), width, INDENT + mark, INDENT + ' '.repeat(mark.length));
}

/** A rule and what it speaks of; below each other where there is no room. */
function titleLines(word: string, rule: string, path: string, { columns }: Terminal): string[] {
  const lead = `  ${word.padEnd(7)}  `;
  const one = `${lead}${rule}  ${path}`;
  return displayWidth(one) <= columns
    ? [one]
    : [lead + rule, ...hanging(path, columns, INDENT, INDENT)];
}

function findingLines(finding: ReportedFinding, terminal: Terminal): string[] {
  const { severity, rule, path, message, remedy, write, source, command } = finding;
  // One line, however long: it is there to be pasted.
  const shown = command === undefined ? [] : [`      shows it: ${printable(command)}`];
  const [title = '', ...below] = titleLines(severity, rule, printable(path), terminal);
  return [
    title.replace(severity, terminal.paint(paints[severity], severity)),
    ...below,
    ...paragraph(message, '', terminal),
    ...paragraph(remedy, '→ ', terminal),
    ...(write === undefined ? [] : [`${INDENT}write: ${printable(write)}`]),
    ...shown,
    ...paragraph(source, '', terminal).map((line) => terminal.paint('dim', line)),
  ];
}

function suppressedLines(
  { severity, rule, path, because }: SuppressedFinding,
  terminal: Terminal,
): string[] {
  const why = `${printable(path)} (${severity}): ${printable(because)}`;
  return titleLines('off', rule, why, terminal);
}

function subjectLines(
  { name, kind }: LintedSubject,
  { findings, suppressed }: LintReport,
  terminal: Terminal,
): string[] {
  const own = findings.filter(({ subject }) => subject === name);
  const lines = own.flatMap((finding) => ['', ...findingLines(finding, terminal)]);
  const nothing = own.length === 0 ? ['  nothing found'] : [];
  const off = suppressed
    .filter(({ subject }) => subject === name)
    .flatMap((one) => suppressedLines(one, terminal))
    .map((line) => terminal.paint('dim', line));
  const offLines = off.length === 0 ? [] : ['', ...off];
  return [
    '',
    terminal.paint('strong', `${kind} ${printable(name)}`),
    ...nothing,
    ...lines,
    ...offLines,
  ];
}

function table({ subjects, findings }: LintReport, terminal: Terminal): string[] {
  const worst = ({ name }: LintedSubject): string =>
    findings.find(({ subject }) => subject === name)?.rule ?? '–';
  const number = (count: number): string => (count === 0 ? '–' : String(count));
  const columns: Column<LintedSubject>[] = [
    { header: 'subject', align: 'left', cell: ({ name }) => printable(name), flexible: 'above' },
    { header: 'errors', align: 'right', cell: ({ errors }) => number(errors) },
    { header: 'warnings', align: 'right', cell: ({ warnings }) => number(warnings) },
    { header: 'notes', align: 'right', cell: ({ notes }) => number(notes) },
    { header: 'first to mend', align: 'left', cell: worst, flexible: 'wrap' },
  ];
  return ['', ...renderTable(columns, subjects, terminal)];
}

function total(subjects: readonly LintedSubject[], count: (one: LintedSubject) => number): number {
  return subjects.reduce((sum, one) => sum + count(one), 0);
}

/** How many of each severity, e.g. `1 error, 2 warnings`. */
export function countsText({ subjects }: LintReport): string {
  const off = total(subjects, ({ suppressed }) => suppressed);
  const counts = [
    plural(
      total(subjects, ({ errors }) => errors),
      'error',
    ),
    plural(
      total(subjects, ({ warnings }) => warnings),
      'warning',
    ),
    plural(
      total(subjects, ({ notes }) => notes),
      'note',
    ),
  ].filter((text) => !text.startsWith('0 '));
  const found = counts.length === 0 ? 'nothing found' : counts.join(', ');
  return off === 0 ? found : `${found} (${off} switched off)`;
}

function closing(report: LintReport): string {
  const { findings } = report;
  const first = ['error', 'warning', 'note']
    .map((severity) => findings.find((finding) => finding.severity === severity))
    .find((finding) => finding !== undefined);
  if (first === undefined) return '✓ every rule holds';
  const { subject, rule, path, severity } = first;
  if (severity === 'note') return `✓ no error, no warning; ${countsText(report)}`;
  return `✗ ${countsText(report)}; mend first: ${rule} in ${printable(subject)}, ${printable(path)}`;
}

/** The whole text, ready for stdout. */
export function findingsText(text: FindingsText, terminal: Terminal): string {
  const { report, version, repeat } = text;
  const { subjects } = report;
  const detailed = text.verbose || subjects.length <= MOST_DETAILED_SUBJECTS;
  const body = detailed
    ? subjects.flatMap((subject) => subjectLines(subject, report, terminal))
    : table(report, terminal);
  const lines = [
    `ghostbound ${version} · lint · ${plural(subjects.length, 'subject')}`,
    ...body,
    '',
    ...wrap(closing(report), Math.min(terminal.columns, SENTENCE_COLUMNS)),
    `repeat: ${repeat}`,
  ];
  return `${lines.join('\n')}\n`;
}
