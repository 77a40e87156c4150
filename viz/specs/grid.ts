/**
 * The whole comparison on two sheets, policies down, scenarios across: faults, where a cell says how
 * long a ghost may live (darker is longer), and living peers, where it says how many were killed.
 * Words and numbers say everything; colour only leads the eye.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { formatPolicies } from '../../text/lists.ts';
import { formatMs, formatShare } from '../../text/numbers.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { annotation, FONT_SIZE, framed, INK } from '../theme.ts';
import type { Chart, ChartSpec, Provenance } from '../types.ts';

const CELL_WIDTH = 58;
const CELL_HEIGHT = 24;
const NAME_GAP = 10;
/** Slope of the scenario names, degrees clockwise. */
const ANGLE = 310;

const GOOD = { fill: '#e3f1ec', ink: INK.text };
const BAD = { fill: '#f6d5d2', ink: '#8c1d18' };
/** Bounds from a second to hours, one hue, light to dark; the ink keeps 4.5:1 on each. */
const STEPS = [
  { belowMs: 10_000, fill: '#eef5fa', ink: INK.text },
  { belowMs: 60_001, fill: '#d3e5f1', ink: INK.text },
  { belowMs: 300_000, fill: '#a9cce3', ink: INK.text },
  { belowMs: 1_800_000, fill: '#6fa8cf', ink: INK.text },
  { belowMs: Infinity, fill: '#1f5f8b', ink: '#ffffff' },
] as const;

interface Cell {
  readonly words: string;
  readonly fill: string;
  readonly ink: string;
}

/** What a sheet is about, by the kind of its rows. */
const SHEETS = {
  fault: {
    name: 'overview-faults',
    reading: 'the bound B on the life of a ghost (≤), or the share of ghosts never found',
    description: 'Policies down, faults across; each cell holds the bound on the life of a ghost.',
  },
  live: {
    name: 'overview-living',
    reading: 'living peers killed by mistake: none (0), or their share',
    description: 'Policies down, living peers across; each cell holds the share killed by mistake.',
  },
} as const;

/** The sheet of all faults, or of all living peers; undefined when there are none. */
export function gridChart(
  comparison: Comparison,
  kind: ComparisonRow['kind'],
  provenance: Provenance,
): Chart | undefined {
  const rows = comparison.rows.filter((row) => row.kind === kind);
  if (rows.length === 0) return undefined;
  const policies = unique(rows.map(({ policy }) => policy));
  const columns = unique(rows.map(({ scenario }) => scenario));
  const { name, reading, description } = SHEETS[kind];
  const title = finding(rows);
  const width = columns.length * CELL_WIDTH;
  const nameWidth = Math.max(...policies.map((policy) => textWidthPx(policy, FONT_SIZE.text)));
  const cells = rows.map((row) =>
    placed(cellOf(row), columns.indexOf(row.scenario), policies.indexOf(row.policy)),
  );
  const spec = framed(
    { title, reading, provenance, widthPx: Math.max(480, width + nameWidth), description },
    {
      width,
      height: policies.length * CELL_HEIGHT,
      layer: [...cellLayers(cells), ...names(policies, columns)],
    },
  );
  return { name, title, description, spec };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function cellOf(row: ComparisonRow): Cell {
  return row.kind === 'fault' ? faultCell(row) : liveCell(row);
}

function faultCell({ ghostMs, boundMs, prevented, proved }: ComparisonRow): Cell {
  const reached = ghostMs.samples + ghostMs.undetected;
  if (reached === 0) return { words: prevented > 0 ? 'prevented' : '–', ...GOOD };
  if (ghostMs.samples === 0) return { words: 'never', ...BAD };
  if (ghostMs.undetected > 0) {
    return { words: `${formatShare(ghostMs.undetected, reached)} never`, ...BAD };
  }
  if (!proved) return { words: 'not proved', ...BAD };
  if (boundMs === null) return { words: 'no bound', ...BAD };
  const step = STEPS.find(({ belowMs }) => boundMs < belowMs) ?? STEPS[4];
  return { words: `≤ ${formatMs(boundMs, 'up')}`, fill: step.fill, ink: step.ink };
}

function liveCell({ falseReaps: { count, samples } }: ComparisonRow): Cell {
  if (samples === 0) return { words: '–', ...GOOD };
  if (count === 0) return { words: '0', ...GOOD };
  return { words: `kills ${formatShare(count, samples).replace(' %', '%')}`, ...BAD };
}

/** A field that already holds pixels. */
function px(field: string): ChartSpec {
  return { field, type: 'quantitative', scale: null, axis: null };
}

const raw = (field: string): ChartSpec => ({ field, type: 'nominal', scale: null });

/** A cell's datum: its words and looks, its corners and its middle in pixels. */
function placed({ words, fill, ink }: Cell, column: number, line: number): ChartSpec {
  const x = column * CELL_WIDTH;
  const y = line * CELL_HEIGHT;
  const corners = { x, xEnd: x + CELL_WIDTH - 1, y, yEnd: y + CELL_HEIGHT - 1 };
  const middle = { xMid: x + CELL_WIDTH / 2, yMid: y + CELL_HEIGHT / 2 };
  return { words, fill, ink, ...corners, ...middle };
}

function cellLayers(values: readonly ChartSpec[]): ChartSpec[] {
  return [
    annotation(
      values,
      { type: 'rect' },
      { x: px('x'), x2: { field: 'xEnd' }, y: px('y'), y2: { field: 'yEnd' }, fill: raw('fill') },
    ),
    annotation(
      values,
      { type: 'text', baseline: 'middle', align: 'center', fontSize: 10.5 },
      { x: px('xMid'), y: px('yMid'), text: { field: 'words' }, color: raw('ink') },
    ),
  ];
}

function names(policies: readonly string[], columns: readonly string[]): ChartSpec[] {
  return [
    annotation(
      policies.map((words, index) => ({ words, y: (index + 0.5) * CELL_HEIGHT })),
      { type: 'text', align: 'right', baseline: 'middle' },
      { x: { value: -NAME_GAP }, y: px('y'), text: { field: 'words' } },
    ),
    annotation(
      columns.map((words, index) => ({ words, x: (index + 0.5) * CELL_WIDTH })),
      { type: 'text', align: 'left', baseline: 'middle', angle: ANGLE, fontSize: FONT_SIZE.small },
      { x: px('x'), y: { value: -8 }, text: { field: 'words' } },
    ),
  ];
}

/** Who fails fewest of some rows: by a ghost without a bound, or by a living peer killed. */
interface Winners {
  readonly policies: readonly string[];
  readonly failures: number;
  readonly scenarios: number;
}

/** Counts the failures of every policy and names those with the fewest. */
function winnersOf(rows: readonly ComparisonRow[]): Winners {
  const counted = unique(rows.map(({ policy }) => policy)).map((policy) => ({
    policy,
    count: rows.filter((row) => row.policy === policy && cellOf(row).fill === BAD.fill).length,
  }));
  const failures = Math.min(...counted.map(({ count }) => count));
  return {
    policies: counted.filter(({ count }) => count === failures).map(({ policy }) => policy),
    failures,
    scenarios: unique(rows.map(({ scenario }) => scenario)).length,
  };
}

/** The sentence a reader should take away: who passes every row, or who fails fewest. */
export function finding(rows: readonly ComparisonRow[]): string {
  const { policies, failures, scenarios } = winnersOf(rows);
  const one = policies.length === 1;
  const who = formatPolicies(policies);
  const kinds = new Set(rows.map(({ kind }) => kind));
  if (failures === 0) {
    const deeds = [
      ...(kinds.has('fault') ? [one ? 'bounds every ghost' : 'bound every ghost'] : []),
      ...(kinds.has('live') ? [one ? 'kills no living peer' : 'kill no living peer'] : []),
    ];
    return `${who} ${deeds.join(' and ')}`;
  }
  const deed =
    kinds.size > 1
      ? 'passes every scenario'
      : kinds.has('fault')
        ? 'bounds every ghost'
        : 'spares every living peer';
  return `Nothing here ${deed}; ${who} ${one ? 'fails' : 'fail'} fewest: ${failures} of ${scenarios}`;
}
