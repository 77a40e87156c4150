/**
 * A comparison as people read it. One policy: one table, its scenarios from the worst to the best. A few cells: one
 * table per scenario. Many: a few lines per policy, what it fails by name. The last lines say what each policy would do
 * better and worse than the one that is run, and how to get the same bytes again.
 */
import { choiceOf } from '../../model/results/choice.ts';
import { missedIn } from '../../model/results/standing.ts';
import { figureNames, type FigureName } from '../../model/results/figures.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { formatCount, plural } from '../../text/numbers.ts';
import type { Shown } from '../../text/differences.ts';
import { closingParagraphs, closingWords } from '../../text/standing.ts';
import { renderTable, shownHeaders, type Column } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { otherFailures } from '../checks/comparison.ts';
import {
  boundColumn,
  byColumn,
  costColumn,
  earliestColumn,
  endedColumn,
  exhaustionColumn,
  figureColumn,
  figuresText,
  rankColumn,
  releaseColumn,
  toleranceColumn,
  verdictColumn,
} from './comparison-columns.ts';
import { summaryLines, summaryShows } from './comparison-summary.ts';
import type { ComparisonText } from './comparison-text.ts';
import { onePolicyLines } from './comparison-of-one.ts';

/** More cells of several policies than this are summed up, unless `--verbose`, or there are as few scenarios as the next says. */
const MOST_DETAILED_CELLS = 40;

/** So few scenarios are a table each, however many policies are compared. */
const FEW_SCENARIOS = 2;

const policyColumn: Column<ComparisonRow> = {
  header: 'policy',
  align: 'left',
  cell: ({ policy, stack, party, link }) =>
    printable(stack === undefined ? policy : `${party}, link ${link} of ${stack}`),
  flexible: 'above',
};
const faultColumns: readonly Column<ComparisonRow>[] = [
  policyColumn,
  { ...rankColumn('ghost p50', 0.5, ({ p50 }) => p50), expendable: 3 },
  { ...rankColumn('p99', 0.99, ({ p99 }) => p99), expendable: 4 },
  { ...rankColumn('max', 1, ({ max }) => max), expendable: 1 },
  boundColumn,
  { ...releaseColumn, expendable: 5 },
  { ...costColumn, expendable: 2 },
  verdictColumn,
];

const liveColumns: readonly Column<ComparisonRow>[] = [
  policyColumn,
  endedColumn,
  { ...earliestColumn, expendable: 3 },
  { ...byColumn, expendable: 4 },
  { ...toleranceColumn, expendable: 2 },
  { ...costColumn, expendable: 1 },
  verdictColumn,
];

/** Found within a bound, found as far as was seen, perhaps never. */
function certainty(row: ComparisonRow): number {
  if (missedIn(row) !== undefined) return 2;
  return row.proved ? 0 : 1;
}

/** Within one scenario: whom it ends least, then the shortest bound, then the shortest sampled life. */
function bestFirst(a: ComparisonRow, b: ComparisonRow): number {
  const worst = (ms: number | null): number => ms ?? Number.MAX_VALUE;
  return (
    a.endedAlive.count - b.endedAlive.count ||
    certainty(a) - certainty(b) ||
    worst(a.boundMs) - worst(b.boundMs) ||
    worst(a.ghostMs.max) - worst(b.ghostMs.max)
  );
}

/** Whom a policy ended before the fault, where it did. */
const endedBefore: readonly Column<ComparisonRow>[] = [
  endedColumn,
  { ...earliestColumn, expendable: 7 },
];

/** The verdict stays the last column. */
function columnsFor(
  scenario: Scenario,
  rows: readonly ComparisonRow[],
): readonly Column<ComparisonRow>[] {
  const usual = scenario.kind === 'live' ? liveColumns : faultColumns;
  const figures = (rows[0]?.fleet ?? []).map(({ name }) => figureColumn(name));
  const own = scenario.story.kind === 'descriptors' ? [exhaustionColumn] : [];
  const hasEnded = scenario.kind === 'fault' && rows.some(({ endedAlive }) => endedAlive.count > 0);
  const ended = hasEnded ? endedBefore : [];
  return [...usual.slice(0, -1), ...ended, ...own, ...figures, ...usual.slice(-1)];
}

/** A scenario with its rows. */
interface Detail {
  readonly scenario: Scenario;
  readonly rows: readonly ComparisonRow[];
  readonly columns: readonly Column<ComparisonRow>[];
}

function detailsOf({ comparison, scenarios }: ComparisonText): readonly Detail[] {
  return scenarios.map((scenario) => {
    const rows = comparison.rows.filter((row) => row.scenario === scenario.name);
    return { scenario, rows, columns: columnsFor(scenario, rows) };
  });
}

const INDENT = '  ';

function detailLines(text: ComparisonText, terminal: Terminal): string[] {
  return detailsOf(text).flatMap(({ scenario, rows, columns }) => {
    const title = wrap(`${scenario.name} · ${scenario.title}`.trim(), terminal.columns).map(
      printable,
    );
    const [first = '', ...rest] = title;
    const name = printable(scenario.name);
    const heading = first.startsWith(name)
      ? terminal.paint('strong', name) + first.slice(name.length)
      : first;
    const style = { columns: terminal.columns, indent: INDENT, paint: terminal.paint };
    const sorted = rows.toSorted(bestFirst);
    return [
      '',
      heading,
      ...rest,
      ...renderTable(columns, sorted, style),
      ...leftOut(sorted, columns, terminal),
    ];
  });
}

/** Figures that the table has no room for, policy by policy. */
function leftOut(
  rows: readonly ComparisonRow[],
  columns: readonly Column<ComparisonRow>[],
  terminal: Terminal,
): string[] {
  const shown = shownHeaders(columns, rows, { columns: terminal.columns, indent: INDENT });
  const names = (rows[0]?.fleet ?? []).map(({ name }) => name).filter((name) => !shown.has(name));
  if (names.length === 0) return [];
  return rows.flatMap((row) =>
    hanging(
      printable(`${row.policy}: ${figuresText(row, names)}`),
      terminal.columns,
      INDENT,
      INDENT + INDENT,
    ),
  );
}

/** What the closing words may quote: what each scenario's table has room for. */
function detailShows(text: ComparisonText, columns: number): Shown {
  const headers = new Map(
    detailsOf(text).map(({ scenario, rows, columns: all }) => [
      scenario.name,
      shownHeaders(all, rows, { columns, indent: INDENT }),
    ]),
  );
  return {
    // A figure without a column is told below the table.
    shows: (column, scenario) =>
      headers.get(scenario)?.has(column) === true || figureNames.includes(column as FigureName),
    costs: 'each',
  };
}

/** The first line: what ran, and the seed. */
function headLine({ comparison, version }: ComparisonText): string {
  const { rows, runs, seed } = comparison;
  const policies = new Set(rows.map(({ policy }) => policy)).size;
  const scenarios = new Set(rows.map(({ scenario }) => scenario)).size;
  const names = policies === 1 ? '1 policy' : `${formatCount(policies)} policies`;
  const size = `${names} × ${plural(scenarios, 'scenario')} × ${plural(runs, 'run')}`;
  return `ghostbound ${version} · seed ${seed} · ${size}`;
}

/** Paragraphs in lines; what is indented stays so. */
function paragraphs(words: readonly string[], columns: number): string[] {
  return words.flatMap((text) => {
    const indent = /^ */.exec(text)?.[0] ?? '';
    return hanging(printable(text.trimStart()), columns, indent, `${indent}  `);
  });
}

/** What the rows mean, in sentences: of one policy alone, or of several against the one that is run. */
export function closingLines(
  { rows }: Comparison,
  runs: string | undefined,
  shown: Shown,
  columns: number,
): string[] {
  const choice = choiceOf(rows, runs);
  if (choice === undefined) return [];
  const policies = new Set(rows.map(({ policy }) => policy)).size;
  const words = closingWords(choice, policies, { ...shown, failed: otherFailures(rows) });
  return paragraphs(closingParagraphs(words), Math.min(columns, SENTENCE_COLUMNS));
}

/** How a comparison is laid out, and what its closing words may quote of it. */
interface Layout {
  readonly body: string[];
  readonly shown: Shown;
}

function layOut(text: ComparisonText, terminal: Terminal): Layout {
  const { rows } = text.comparison;
  const { columns } = terminal;
  const one = new Set(rows.map(({ policy }) => policy)).size === 1;
  if (one) {
    return {
      body: onePolicyLines(text, terminal),
      shown: { shows: (column) => column === 'bound' },
    };
  }
  const isDetailed =
    text.verbose || rows.length <= MOST_DETAILED_CELLS || text.scenarios.length <= FEW_SCENARIOS;
  return isDetailed
    ? { body: detailLines(text, terminal), shown: detailShows(text, columns) }
    : { body: summaryLines(text, terminal), shown: summaryShows(text, columns) };
}

/** The whole text, ready for stdout; the seed is in its first and its last line. */
export function comparisonText(text: ComparisonText, terminal: Terminal): string {
  const { body, shown } = layOut(text, terminal);
  const lines = [
    ...wrap(headLine(text), terminal.columns),
    ...body,
    '',
    ...(text.isOfStacks === true
      ? []
      : closingLines(text.comparison, text.runs, shown, terminal.columns)),
    ...text.next,
    `repeat: ${text.repeat}`,
  ];
  return `${lines.join('\n')}\n`;
}
