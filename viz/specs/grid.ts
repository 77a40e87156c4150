/**
 * The whole comparison on one sheet: policies down, scenarios across. A cell of a fault says how
 * long a ghost may live (darker is longer), a cell of a living peer how many of them were killed.
 * Words and numbers say everything; colour only leads the eye.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { formatList, formatShare, formatShort } from '../format.ts';
import { textWidthPx } from '../text-width.ts';
import { annotation, FONT_SIZE, framed, INK } from '../theme.ts';
import type { Chart, ChartSpec, Provenance } from '../types.ts';

const CELL_WIDTH = 58;
const CELL_HEIGHT = 24;
/** Between the faults and the living. */
const GROUP_GAP = 16;
const NAME_GAP = 10;
/** Slope of the scenario names. */
const ANGLE = -50;

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

/** The sheet, or undefined when the comparison is empty. */
export function gridChart(comparison: Comparison, provenance: Provenance): Chart | undefined {
  const { rows } = comparison;
  if (rows.length === 0) return undefined;
  const policies = unique(rows.map(({ policy }) => policy));
  const faults = unique(rows.flatMap((row) => (row.kind === 'fault' ? [row.scenario] : [])));
  const living = unique(rows.flatMap((row) => (row.kind === 'live' ? [row.scenario] : [])));
  const columns = [...faults, ...living];
  const gap = faults.length > 0 && living.length > 0 ? GROUP_GAP : 0;
  const left = (column: number): number =>
    column * CELL_WIDTH + (column >= faults.length ? gap : 0);
  const width = columns.length * CELL_WIDTH + gap;
  const title = finding(rows, policies);
  const description =
    'Table of all policies and scenarios: bounds on ghosts and killed living peers.';
  const nameWidth = Math.max(...policies.map((name) => textWidthPx(name, FONT_SIZE.text)));
  const cells = rows.map((row) => ({
    x: left(columns.indexOf(row.scenario)),
    y: policies.indexOf(row.policy) * CELL_HEIGHT,
    ...cellOf(row),
  }));
  const spec = framed(
    {
      title,
      reading:
        'faults: the bound B (≤), or the share of ghosts never found · living peers: the share killed by mistake',
      provenance,
      widthPx: Math.max(480, width + nameWidth),
      description,
    },
    {
      width,
      height: policies.length * CELL_HEIGHT,
      layer: [
        ...cellLayers(cells),
        ...names(
          policies,
          columns.map((name, k) => [name, left(k)]),
        ),
      ],
    },
  );
  return { name: 'overview', title, description, spec };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function cellOf(row: ComparisonRow): Cell {
  return row.kind === 'fault' ? faultCell(row) : liveCell(row);
}

function faultCell({ ghostMs, boundMs, prevented }: ComparisonRow): Cell {
  const reached = ghostMs.samples + ghostMs.undetected;
  if (reached === 0) return { words: prevented > 0 ? 'prevented' : '–', ...GOOD };
  if (ghostMs.samples === 0) return { words: 'never', ...BAD };
  if (ghostMs.undetected > 0) {
    return { words: `${formatShare(ghostMs.undetected, reached)} never`, ...BAD };
  }
  if (boundMs === null) return { words: 'no bound', ...BAD };
  const step = STEPS.find(({ belowMs }) => boundMs < belowMs) ?? STEPS[4];
  return { words: `≤ ${formatShort(boundMs, 'up')}`, fill: step.fill, ink: step.ink };
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

function cellLayers(
  cells: readonly (Cell & { readonly x: number; readonly y: number })[],
): ChartSpec[] {
  const values = cells.map((cell) => ({
    ...cell,
    xEnd: cell.x + CELL_WIDTH - 1,
    yEnd: cell.y + CELL_HEIGHT - 1,
    xMid: cell.x + CELL_WIDTH / 2,
    yMid: cell.y + CELL_HEIGHT / 2,
  }));
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

function names(
  policies: readonly string[],
  columns: readonly (readonly [string, number])[],
): ChartSpec[] {
  return [
    annotation(
      policies.map((words, index) => ({ words, y: (index + 0.5) * CELL_HEIGHT })),
      { type: 'text', align: 'right', baseline: 'middle' },
      { x: { value: -NAME_GAP }, y: px('y'), text: { field: 'words' } },
    ),
    annotation(
      columns.map(([words, left]) => ({ words, x: left + CELL_WIDTH / 2 })),
      { type: 'text', align: 'left', baseline: 'middle', angle: ANGLE, fontSize: FONT_SIZE.small },
      { x: px('x'), y: { value: -8 }, text: { field: 'words' } },
    ),
  ];
}

/** The sentence a reader should take away: who passes every row, or who fails fewest. */
export function finding(rows: readonly ComparisonRow[], policies: readonly string[]): string {
  const failures = policies.map((policy) => ({
    policy,
    count: rows.filter((row) => row.policy === policy && cellOf(row).fill === BAD.fill).length,
  }));
  const least = Math.min(...failures.map(({ count }) => count));
  const best = failures.filter(({ count }) => count === least).map(({ policy }) => policy);
  const scenarios = unique(rows.map(({ scenario }) => scenario)).length;
  if (least === 0) {
    const verb = best.length === 1 ? 'bounds' : 'bound';
    return `${formatList(best)} ${verb} every ghost and ${best.length === 1 ? 'kills' : 'kill'} no living peer`;
  }
  const who = best.length > 3 ? `${best.length} policies` : formatList(best);
  const verb = best.length === 1 ? 'fails' : 'fail';
  return `Nothing here passes every scenario; ${who} ${verb} fewest: ${least} of ${scenarios}`;
}
