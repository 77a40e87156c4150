/**
 * Many policies on many scenarios: per policy one line with how long a ghost can live, by what the server was doing
 * when its peer went, and below it what it fails, by name.
 */
import {
  mayLastForever,
  middleCost,
  missedIn,
  outlivedBound,
} from '../../model/results/standing.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { FaultScenario, Scenario } from '../../model/scenario/types.ts';
import { formatCount, formatMs, formatShare } from '../../text/numbers.ts';
import type { Shown } from '../../text/differences.ts';
import { missedText } from '../../text/standing.ts';
import { renderRows, shownHeaders, type Cell, type Column } from '../../text/table.ts';
import { hanging, printable, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { otherFailures } from '../checks/comparison.ts';
import type { ComparisonText } from './comparison-text.ts';

/** What a fault scenario is filed under. */
type Family = 'idle' | 'busy' | 'saturated' | 'frozen' | 'tunnel';

/** Faults that most people meet, under the loads that make a difference to them. */
const FAMILIES: Partial<
  Record<FaultScenario['fault']['kind'], Partial<Record<Scenario['load']['kind'], Family>>>
> = {
  vanish: { idle: 'idle', periodic: 'busy', saturated: 'saturated' },
  freeze: { idle: 'frozen', periodic: 'frozen' },
  'tunnel-dead': { idle: 'tunnel', periodic: 'tunnel' },
};

function familyOf(scenario: Scenario): Family | undefined {
  if (scenario.kind === 'live') return undefined;
  if (scenario.story.kind !== 'connection' || scenario.server.broken !== undefined)
    return undefined;
  const { fault, load } = scenario;
  return FAMILIES[fault.kind]?.[load.kind];
}

/** A policy and its rows. */
interface PolicyRows {
  readonly policy: string;
  readonly rows: readonly ComparisonRow[];
}

/** The longest of several bounds, as far as they are proved; what may never be noticed is ∞. */
function longest(rows: readonly ComparisonRow[]): Cell {
  const ghosts = rows.filter(({ ghostMs }) => ghostMs.samples + ghostMs.undetected > 0);
  if (ghosts.length === 0) return '–';
  if (ghosts.some(mayLastForever)) return '∞';
  if (ghosts.some(({ proved }) => !proved)) return 'not proved';
  return `≤ ${formatMs(Math.max(...ghosts.map(({ boundMs }) => boundMs ?? 0)), 'up')}`;
}

function familyColumn(
  header: string,
  family: Family,
  scenarios: readonly Scenario[],
  expendable?: number,
): Column<PolicyRows>[] {
  const names = new Set(
    scenarios.filter((scenario) => familyOf(scenario) === family).map(({ name }) => name),
  );
  if (names.size === 0) return [];
  const cell = ({ rows }: PolicyRows): Cell =>
    longest(rows.filter(({ scenario }) => names.has(scenario)));
  return [{ header, align: 'right', cell, ...(expendable !== undefined && { expendable }) }];
}

/** What a policy fails, by name: `never notices a, b`, `ends c 41 %`. */
function failedText({ rows }: PolicyRows): { readonly text: string; readonly good: boolean } {
  const broken = rows.filter((row) => row.kind === 'fault' && outlivedBound(row));
  const ended = rows.filter(({ endedAlive }) => endedAlive.count > 0);
  const shares = (kind: ComparisonRow['kind']): string[] =>
    ended
      .filter((row) => row.kind === kind)
      .map(
        ({ scenario, endedAlive: { count, samples } }) =>
          `${scenario} ${formatShare(count, samples)}`,
      );
  const everywhere =
    ended.length > 1 &&
    rows.every(({ endedAlive: { count, samples } }) => count === samples && samples > 0);
  const [before, alive] = [shares('fault'), shares('live')];
  const endings = everywhere
    ? ['ends every living peer, 100 % in every scenario']
    : [
        ...(alive.length === 0 ? [] : [`ends the living in ${alive.join(', ')}`]),
        ...(before.length === 0 ? [] : [`ends the living before ${before.join(', ')}`]),
      ];
  const missed = rows.flatMap((row) => missedIn(row) ?? []);
  const parts = [
    ...(broken.length === 0
      ? []
      : [`outlived its bound in ${broken.map(({ scenario }) => scenario).join(', ')}`]),
    ...endings,
    ...(missed.length === 0 ? [] : [missedText(missed)]),
    ...otherFailures(rows),
  ];
  if (parts.length > 0) return { good: false, text: parts.join(' · ') };
  const faults = rows.some(({ kind }) => kind === 'fault');
  const living = rows.some(({ kind }) => kind === 'live');
  const found = [...(faults ? ['finds every ghost'] : []), ...(living ? ['ended nobody'] : [])];
  return { good: true, text: found.join(', ') };
}

function verdictLines(policy: PolicyRows, terminal: Terminal): string[] {
  const { good, text } = failedText(policy);
  const width = Math.min(terminal.columns, SENTENCE_COLUMNS);
  const sign = good ? '✓' : '✗';
  return hanging(printable(text), width, `    ${sign} `, '      ').map((line) =>
    terminal.paint(good ? 'good' : 'bad', line),
  );
}

/** One line of the table for each policy. */
function columnsFor(scenarios: readonly Scenario[]): readonly Column<PolicyRows>[] {
  return [
    {
      header: 'policy',
      align: 'left',
      cell: ({ policy }) => printable(policy),
      flexible: 'above',
    },
    ...familyColumn('gone idle', 'idle', scenarios),
    ...familyColumn('gone busy', 'busy', scenarios),
    ...familyColumn('saturated', 'saturated', scenarios, 2),
    ...familyColumn('frozen', 'frozen', scenarios, 1),
    ...familyColumn('tunnel', 'tunnel', scenarios, 3),
    {
      header: 'packets/h',
      align: 'right',
      cell: ({ rows }) => {
        const cost = middleCost(rows);
        return cost === null ? '–' : formatCount(cost);
      },
      expendable: 4,
    },
  ];
}

function byPolicy({ rows }: Comparison): readonly PolicyRows[] {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  return policies.map((policy) => ({ policy, rows: rows.filter((row) => row.policy === policy) }));
}

/** What the closing words may quote: of single scenarios nothing, and what a policy costs where there is room for it. */
export function summaryShows({ comparison, scenarios }: ComparisonText, columns: number): Shown {
  const headers = shownHeaders(columnsFor(scenarios), byPolicy(comparison), { columns });
  return { shows: () => false, ...(headers.has('packets/h') && { costs: 'middle' }) };
}

/** The lines between the head and the closing words. */
export function summaryLines(
  { comparison, scenarios }: ComparisonText,
  terminal: Terminal,
): string[] {
  const all = byPolicy(comparison);
  const columns = columnsFor(scenarios);
  const style = { columns: terminal.columns, paint: terminal.paint };
  const { header, rows } = renderRows(columns, all, style);
  const legend =
    'The longest a ghost can live, by what the server was doing when its peer went or froze (∞ = for ever), and what ' +
    'each policy fails, by name. --verbose shows every scenario.';
  return [
    '',
    ...header,
    ...all.flatMap((policy, index) => [...(rows[index] ?? []), ...verdictLines(policy, terminal)]),
    '',
    ...wrap(legend, Math.min(terminal.columns, SENTENCE_COLUMNS)),
  ];
}
