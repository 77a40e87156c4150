/**
 * One policy on many scenarios: one table, the scenarios from the worst to the best. What is well and alike is one line.
 */
import { hangsUp, missedIn, outlivedBound } from '../../model/results/standing.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import { formatCount, formatMs, formatShare, plural } from '../../text/numbers.ts';
import { renderTable, type Column, type Flexible } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS } from '../../text/width.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { verdictCell, verdictOf } from '../checks/comparison.ts';
import {
  boundColumn,
  boundText,
  byColumn,
  earliestColumn,
  endedColumn,
  figuresText,
  rankColumn,
  releaseColumn,
  toleranceColumn,
  verdictColumn,
} from './comparison-columns.ts';
import type { ComparisonText } from './comparison-text.ts';

/** Fewer alike rows stay on their own lines. */
const LEAST_FOLDED = 3;

/** A line of the table: a row, or several that are well and alike. */
interface Line {
  readonly row: ComparisonRow;
  readonly alike: readonly ComparisonRow[];
}

/** How bad a row is: what refutes a statement first, then the living, then ghosts for ever, then slow ones. */
function badness(row: ComparisonRow): readonly number[] {
  const { count, samples } = row.endedAlive;
  return [
    Number(row.kind === 'fault' && outlivedBound(row)),
    samples === 0 ? 0 : count / samples,
    Number(missedIn(row) !== undefined),
    row.ghostMs.undetected,
    Number(!verdictOf(row).good),
    row.kind === 'fault' ? (row.boundMs ?? row.ghostMs.max ?? 0) : -1,
  ];
}

function worstFirst(a: ComparisonRow, b: ComparisonRow): number {
  const [of, other] = [badness(a), badness(b)];
  const at = of.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (other[at] ?? 0) - (of[at] ?? 0);
}

/** What rows have in common that are told in one line; undefined for one that is told by itself. */
function likeness(row: ComparisonRow): string | undefined {
  if (!verdictOf(row).good || row.fleet !== undefined) return undefined;
  const seen = row.ghostMs.samples > 0 ? boundText(row) : '–';
  return row.kind === 'fault' && !row.proved
    ? undefined
    : `${row.kind} ${seen} ${verdictOf(row).text}`;
}

function linesOf(rows: readonly ComparisonRow[], verbose: boolean): Line[] {
  const groups = new Map<string, ComparisonRow[]>();
  for (const row of rows.toSorted(worstFirst)) {
    const alone = `${row.scenario} alone`;
    const key = verbose ? alone : (likeness(row) ?? alone);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((alike): Line[] => {
    const [row] = alike;
    if (row === undefined) return [];
    return alike.length < LEAST_FOLDED
      ? alike.map((one) => ({ row: one, alike: [one] }))
      : [{ row: longestOf(alike), alike }];
  });
}

/** The row that speaks for all that are alike: of ghosts the one that lived longest, of the living the least patience. */
function longestOf(alike: readonly ComparisonRow[]): ComparisonRow {
  const most = (row: ComparisonRow): number =>
    row.kind === 'fault'
      ? (row.ghostMs.max ?? 0)
      : -(row.toleranceProved ? (row.toleranceMs ?? Infinity) : 0);
  return alike.reduce((a, b) => (most(b) > most(a) ? b : a));
}

function nameText({ row, alike }: Line): string {
  if (alike.length === 1) return printable(row.scenario);
  return row.kind === 'fault' ? plural(alike.length, 'fault') : `${alike.length} living peers`;
}

/** Columns of rows, for lines: what is measured of one scenario only is not said of several. */
function forLines(
  column: Column<ComparisonRow>,
  changes: Partial<Column<Line>> = {},
): Column<Line> {
  const { header, align } = column;
  return { header, align, cell: ({ row }) => column.cell(row), ...changes };
}

function columnsFor(rows: readonly ComparisonRow[]): Column<Line>[] {
  const faults = rows.some(({ kind }) => kind === 'fault');
  const living = rows.some(({ kind, endedAlive }) => kind === 'live' || endedAlive.count > 0);
  const ended = rows.some(({ endedAlive }) => endedAlive.count > 0);
  const wrapped: Flexible = 'wrap';
  const p50 = forLines(
    rankColumn('ghost p50', 0.5, ({ p50: ms }) => ms),
    { expendable: 5 },
  );
  const alone = (column: Column<Line>): Column<Line> => ({
    ...column,
    cell: (line) => (line.alike.length === 1 ? column.cell(line) : ''),
  });
  return [
    { header: 'scenario', align: 'left', cell: nameText, flexible: 'above' },
    ...(faults
      ? [
          alone(p50),
          forLines(
            rankColumn('max', 1, ({ max }) => max),
            { expendable: 2 },
          ),
          forLines(boundColumn),
          alone(forLines(releaseColumn, { expendable: 6 })),
        ]
      : []),
    ...(living ? [forLines(endedColumn, { header: 'ended' })] : []),
    ...(ended
      ? [forLines(earliestColumn, { expendable: 3 }), forLines(byColumn, { expendable: 7 })]
      : []),
    ...(living ? [forLines(toleranceColumn, { expendable: 4 })] : []),
    forLines(verdictColumn, { flexible: wrapped, cell: verdictText }),
  ];
}

function verdictText({ row, alike }: Line): ReturnType<Column<Line>['cell']> {
  const { good, text } = verdictOf(row);
  const { count, samples } = row.endedAlive;
  const share = count > 0 && count < samples ? ` (${formatShare(count, samples)})` : '';
  if (alike.length === 1) return verdictCell({ good, text: text + share });
  const bound = row.kind === 'fault' && row.boundMs !== null;
  const within = bound ? `: all ≤ ${formatMs(row.boundMs, 'up')}` : '';
  return verdictCell({ good, text: `${text}${within}` });
}

/** What stories about many connections say beside. */
function figureLines(rows: readonly ComparisonRow[], columns: number): string[] {
  return rows.flatMap((row) => {
    const { fleet, scenario } = row;
    if (fleet === undefined || fleet.length === 0) return [];
    const names = fleet.map(({ name }) => name);
    const text = printable(`${scenario}: ${figuresText(row, names)}`);
    return hanging(text, columns, '  ', '    ');
  });
}

/** Packets per hour, from the scenario with the fewest to that with the most. */
function costText(rows: readonly ComparisonRow[]): string {
  const costs = rows
    .filter((row) => !hangsUp(row))
    .map(({ cost }) => Math.round(cost.packetsPerHour));
  if (costs.length === 0) return 'no connection lasts';
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const range =
    least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`;
  return `${range} packets/h`;
}

/** The lines between the head and the closing words. */
export function onePolicyLines(
  { comparison: { rows }, verbose }: ComparisonText,
  terminal: Terminal,
): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const lines = linesOf(rows, verbose);
  const figures = figureLines(rows, Math.min(terminal.columns, SENTENCE_COLUMNS));
  const folded = lines.some(({ alike }) => alike.length > 1);
  return [
    '',
    `${terminal.paint('strong', printable(first.policy))} · ${costText(rows)}`,
    ...renderTable(columnsFor(rows), lines, {
      columns: terminal.columns,
      indent: '  ',
      paint: terminal.paint,
    }),
    ...(figures.length === 0 ? [] : ['', ...figures]),
    ...(folded ? ['', '--verbose gives each scenario a line.'] : []),
  ];
}
