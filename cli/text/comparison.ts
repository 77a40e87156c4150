/**
 * A comparison as people read it. Few cells: one table per scenario, the fastest policy first. Many
 * cells: one line per policy with the longest a ghost can live, by what the server was doing when
 * its peer went. The last lines say who won and how to get the same bytes again.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Terminal } from '../terminal.ts';
import { verdictCell, verdictOf } from '../verdict.ts';
import { figureText } from '../fleet.ts';
import { formatCount, formatMs, plural } from '../../text/numbers.ts';
import { closingSentence, ghostRows, longestBound, standings, type Standing } from './standing.ts';
import { renderTable, type Cell, type Column } from '../../text/table.ts';
import { printable, wrap } from '../../text/width.ts';

/** More cells than this are summed up, unless `--verbose`. */
const MOST_DETAILED_CELLS = 40;

export interface ComparisonText {
  readonly comparison: Comparison;
  readonly scenarios: readonly Scenario[];
  readonly version: string;
  readonly verbose: boolean;
  /** Lines between the result and the last one: what to try next. */
  readonly next: readonly string[];
  /** The command that prints the same again. */
  readonly repeat: string;
}

/** A rank of the ghost times, those that never ended counted as the longest; – where there was no ghost. */
function ghostRank({ ghostMs }: ComparisonRow, share: number, ms: number | null): Cell {
  const ghosts = ghostMs.samples + ghostMs.undetected;
  if (ghosts === 0) return '–';
  return ms === null || Math.ceil(share * ghosts) > ghostMs.samples ? 'never' : formatMs(ms);
}

function worstRelease({ releasedMs }: ComparisonRow): Cell {
  if (releasedMs.unreleased > 0) return 'never';
  return releasedMs.max === null ? '–' : formatMs(releasedMs.max);
}

function atMost(ms: number | null): Cell {
  return ms === null ? '∞' : `≤ ${formatMs(ms, 'up')}`;
}

const policyColumn: Column<ComparisonRow> = {
  header: 'policy',
  align: 'left',
  cell: ({ policy }) => printable(policy),
  flexible: true,
};
const costColumn: Column<ComparisonRow> = {
  header: 'packets/h',
  align: 'right',
  cell: ({ cost }) => formatCount(cost.packetsPerHour),
  expendable: 2,
};
const verdictColumn: Column<ComparisonRow> = {
  header: 'verdict',
  align: 'left',
  cell: (row) => verdictCell(verdictOf(row)),
  flexible: true,
};

/** Only where descriptors run out. */
const exhaustionColumn: Column<ComparisonRow> = {
  header: 'accept fails',
  align: 'right',
  cell: ({ exhaustionMs }) => {
    if (exhaustionMs === undefined) return '–';
    return exhaustionMs.min === null ? 'never' : `≥ ${formatMs(exhaustionMs.min, 'down')}`;
  },
};

const faultColumns: readonly Column<ComparisonRow>[] = [
  policyColumn,
  {
    header: 'ghost p50',
    align: 'right',
    cell: (row) => ghostRank(row, 0.5, row.ghostMs.p50),
    expendable: 1,
  },
  {
    header: 'p99',
    align: 'right',
    cell: (row) => ghostRank(row, 0.99, row.ghostMs.p99),
    expendable: 3,
  },
  { header: 'max', align: 'right', cell: (row) => ghostRank(row, 1, row.ghostMs.max) },
  {
    header: 'bound',
    align: 'right',
    cell: ({ boundMs, proved }) => (proved ? atMost(boundMs) : 'not proved'),
  },
  { header: 'released', align: 'right', cell: (row) => worstRelease(row), expendable: 4 },
  costColumn,
  verdictColumn,
];

const liveColumns: readonly Column<ComparisonRow>[] = [
  policyColumn,
  {
    header: 'false reaps',
    align: 'right',
    cell: ({ falseReaps }) => `${formatCount(falseReaps.count)}/${formatCount(falseReaps.samples)}`,
  },
  {
    header: 'tolerance',
    align: 'right',
    cell: ({ toleranceMs, toleranceProved }) => {
      if (!toleranceProved) return 'not proved';
      return toleranceMs === null ? '∞' : formatMs(toleranceMs, 'down');
    },
  },
  costColumn,
  verdictColumn,
];

/** Fewest reaps of the living first, then the shortest bound, then the shortest sampled life. */
function bestFirst(a: ComparisonRow, b: ComparisonRow): number {
  const worst = (ms: number | null): number => ms ?? Number.MAX_VALUE;
  return (
    a.falseReaps.count - b.falseReaps.count ||
    worst(a.boundMs) - worst(b.boundMs) ||
    worst(a.ghostMs.max) - worst(b.ghostMs.max)
  );
}

/** A figure of a story about many connections: the worst of all runs. */
function figureColumn(name: string): Column<ComparisonRow> {
  return {
    header: name,
    align: 'right',
    cell: ({ fleet }) => {
      const figure = fleet?.find((one) => one.name === name);
      if (figure === undefined) return '–';
      if (figure.never > 0) return figure.unit === 'ms' ? 'never' : '∞';
      if (figure.max === null) return '–';
      return figure.unit === 'ms' ? figureText(figure, figure.max) : formatCount(figure.max);
    },
  };
}

/** The verdict stays the last column. */
function columnsFor(
  scenario: Scenario,
  rows: readonly ComparisonRow[],
): readonly Column<ComparisonRow>[] {
  const usual = scenario.kind === 'live' ? liveColumns : faultColumns;
  const figures = (rows[0]?.fleet ?? []).map(({ name }) => figureColumn(name));
  const own = scenario.story.kind === 'descriptors' ? [exhaustionColumn] : [];
  return [...usual.slice(0, -1), ...own, ...figures, ...usual.slice(-1)];
}

function detailLines(text: ComparisonText, terminal: Terminal): string[] {
  return text.scenarios.flatMap((scenario) => {
    const rows = text.comparison.rows.filter((row) => row.scenario === scenario.name);
    const columns = columnsFor(scenario, rows);
    const heading = `${terminal.paint('strong', printable(scenario.name))} · ${printable(scenario.title)}`;
    const style = { columns: terminal.columns, indent: '  ', paint: terminal.paint };
    return ['', heading, ...renderTable(columns, rows.toSorted(bestFirst), style)];
  });
}

/** What a fault scenario is filed under in the summary. */
type Family = 'idle' | 'busy' | 'saturated' | 'frozen' | 'stuck' | 'other';

function familyOf(scenario: Scenario): Family | undefined {
  if (scenario.kind === 'live') return undefined;
  if (scenario.story.kind !== 'connection' || scenario.server.broken !== undefined) return 'other';
  const { fault, load } = scenario;
  if (fault.kind === 'freeze' || fault.kind === 'tunnel-dead') {
    return load.kind === 'saturated' ? 'stuck' : 'frozen';
  }
  if (fault.kind !== 'vanish') return 'other';
  return load.kind === 'periodic' ? 'busy' : load.kind;
}

/** The longest bound over a family of scenarios; no column where nothing of the family was run. */
function familyColumn(
  header: string,
  family: Family,
  { comparison, scenarios }: ComparisonText,
  expendable?: number,
): Column<Standing>[] {
  const names = new Set(
    scenarios.filter((scenario) => familyOf(scenario) === family).map(({ name }) => name),
  );
  const rows = comparison.rows.filter(({ scenario }) => names.has(scenario));
  if (rows.length === 0) return [];
  const cell = (standing: Standing): Cell => {
    const bound = longestBound(ghostRows(rows.filter(({ policy }) => policy === standing.policy)));
    if (bound === undefined) return '–';
    return atMost(bound === Infinity ? null : bound);
  };
  return [{ header, align: 'right', cell, ...(expendable !== undefined && { expendable }) }];
}

function standingCell({ blind, kills }: Standing): Cell {
  const faults = [
    ...(blind > 0 ? [`blind to ${formatCount(blind)}`] : []),
    ...(kills > 0 ? [`kills in ${formatCount(kills)}`] : []),
  ];
  const good = faults.length === 0;
  return verdictCell({ good, text: good ? 'misses nobody, kills nobody' : faults.join(', ') });
}

function summaryLines(text: ComparisonText, terminal: Terminal): string[] {
  const all = standings(text.comparison);
  const columns: Column<Standing>[] = [
    {
      header: 'policy',
      align: 'left',
      cell: ({ policy }) => printable(policy),
      flexible: true,
    },
    ...familyColumn('gone idle', 'idle', text),
    ...familyColumn('gone busy', 'busy', text),
    ...familyColumn('saturated', 'saturated', text, 3),
    ...familyColumn('frozen', 'frozen', text),
    ...familyColumn('send stuck', 'stuck', text),
    ...familyColumn('other', 'other', text, 2),
    {
      header: 'packets/h',
      align: 'right',
      cell: ({ packetsPerHour }) => formatCount(packetsPerHour),
      expendable: 4,
    },
    { header: 'verdict', align: 'left', cell: standingCell, flexible: true },
  ];
  const [first] = all;
  const legend =
    `The longest a ghost can live, by what the server was doing when its peer went or froze ` +
    `(∞ = for ever). Blind to: how many of ${plural(first?.faults ?? 0, 'fault')} it may never notice. ` +
    `Kills in: in how many of ${plural(first?.living ?? 0, 'living scenario')} it reaped a peer.`;
  const width = Math.min(terminal.columns, 100);
  const style = { columns: terminal.columns, paint: terminal.paint };
  return ['', ...renderTable(columns, all, style), '', ...wrap(legend, width)];
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

/** The whole text, ready for stdout; the seed is in its first and its last line. */
export function comparisonText(text: ComparisonText, terminal: Terminal): string {
  const detailed = text.verbose || text.comparison.rows.length <= MOST_DETAILED_CELLS;
  const lines = [
    headLine(text),
    ...(detailed ? detailLines(text, terminal) : summaryLines(text, terminal)),
    '',
    ...(detailed ? [] : ['--verbose shows every scenario.']),
    ...wrap(closingSentence(text.comparison), Math.min(terminal.columns, 100)),
    ...text.next,
    `repeat: ${text.repeat}`,
  ];
  return `${lines.join('\n')}\n`;
}
