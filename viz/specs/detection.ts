/**
 * How long ghosts live: for one fault, one row per policy with the share of ghosts found by then,
 * rising from 0 to 100 % of the row. Rows share the time axis, so curves can be compared and never
 * hide each other, and a policy that finds nothing has its row and says so.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { formatPolicies } from '../../text/lists.ts';
import { formatBound, formatMs, formatShare, plural } from '../../text/numbers.ts';
import { policyStyles, type PolicyStyle } from '../palette.ts';
import { textWidthPx } from '../../text/font-width.ts';
import {
  annotation,
  FONT_SIZE,
  framed,
  INK,
  scaleOf,
  timeAxis,
  timeScale,
  type TimeScale,
} from '../theme.ts';
import type { Chart, ChartSpec, Provenance } from '../types.ts';

const PLOT_WIDTH = 600;
const ROW_HEIGHT = 34;
const NAME_GAP = 12;
const COLUMN_WIDTH = 92;
/** The part of its row that a curve at 100 % fills. */
const RISE = 0.78;
/** Steps of one curve; a pixel is about 600 / 80. */
const MAX_STEPS = 80;
const MAX_TICKS = 13;

/** A chart for one fault scenario, or undefined when the comparison has no such fault. */
export function detectionChart(
  comparison: Comparison,
  scenario: string,
  provenance: Provenance,
): Chart | undefined {
  const rows = comparison.rows.filter((row) => row.scenario === scenario && row.kind === 'fault');
  if (rows.length === 0) return undefined;
  const styles = policyStyles(rows.map(({ policy }) => policy));
  const scale = timeScale(rows.flatMap(timesOf), MAX_TICKS);
  const title = finding(scenario, rows);
  const description =
    `Share of ghosts found against time since the fault, scenario ${scenario}, ` +
    `${plural(rows.length, 'policy').replace('policys', 'policies')}, each with its bound B.`;
  const nameWidth = Math.max(...rows.map(({ policy }) => textWidthPx(policy, FONT_SIZE.text)));
  const spec = framed(
    {
      title,
      reading: `${scenario}: each row rises from 0 to 100 % of its ghosts found; dashed: the bound B`,
      provenance,
      widthPx: nameWidth + NAME_GAP + PLOT_WIDTH + 2 * COLUMN_WIDTH,
      description,
    },
    {
      width: PLOT_WIDTH,
      height: ROW_HEIGHT * rows.length,
      encoding: { y: yOf(rows.length) },
      layer: layersOf(rows, styles, scale),
    },
  );
  return { name: `detection-${scenario}`, title, description, spec };
}

function timesOf(row: ComparisonRow): readonly number[] {
  return [row.ghostMs.min, row.ghostMs.max, row.boundMs].filter((ms) => ms !== null);
}

function yOf(rowCount: number): ChartSpec {
  return {
    field: 'y',
    type: 'quantitative',
    scale: { domain: [rowCount, 0], nice: false, zero: false },
    axis: null,
  };
}

function layersOf(
  rows: readonly ComparisonRow[],
  styles: ReadonlyMap<string, PolicyStyle>,
  scale: TimeScale,
): ChartSpec[] {
  const x = {
    field: 'ms',
    type: 'quantitative',
    scale: scaleOf(scale),
    axis: timeAxis(scale, 'time from the fault to the decision', { grid: true }),
  };
  return [
    ...rows.flatMap((row, index) => curve(row, index, styles.get(row.policy), scale, x)),
    annotation(
      rows.map((_, index) => ({ y: index + 1 })),
      { type: 'rule', color: INK.grid },
      { x: { value: -NAME_GAP }, x2: { value: PLOT_WIDTH + 2 * COLUMN_WIDTH } },
    ),
    boundRules(rows, x),
    ...words(rows, styles),
  ];
}

/** The rising curve of one policy, filled down to its row's base line. */
function curve(
  row: ComparisonRow,
  index: number,
  style: PolicyStyle | undefined,
  scale: TimeScale,
  x: ChartSpec,
): ChartSpec[] {
  const steps = stepsOf(row, scale);
  if (steps.length === 0 || style === undefined) return [];
  const base = index + 1;
  const values = steps.map(([ms, share]) => ({ ms, y: base - RISE * share, base }));
  return [
    {
      data: { values },
      mark: {
        type: 'area',
        interpolate: 'step-after',
        color: style.color,
        fillOpacity: 0.16,
        line: { color: style.color, strokeWidth: 2, strokeDash: [...style.dash] },
        clip: true,
      },
      encoding: { x, y2: { field: 'base' } },
    },
  ];
}

/** The distribution as steps (time, share found by then), from the first find to the end of the axis. */
function stepsOf(row: ComparisonRow, scale: TimeScale): readonly (readonly [number, number])[] {
  const sorted = row.ghostQuantilesMs;
  const of = row.ghostMs.samples + row.ghostMs.undetected;
  if (sorted.length === 0 || of === 0) return [];
  const found = row.ghostMs.samples / of;
  const [low, high] = scale.domainMs;
  const count = Math.min(sorted.length, MAX_STEPS);
  const steps: (readonly [number, number])[] = [[Math.max(sorted[0] ?? 0, low), 0]];
  for (let k = 1; k <= count; k++) {
    const index = Math.ceil((k * sorted.length) / count) - 1;
    steps.push([Math.max(sorted[index] ?? 0, low), (found * (index + 1)) / sorted.length]);
  }
  return [...steps, [high, found]];
}

function boundRules(rows: readonly ComparisonRow[], x: ChartSpec): ChartSpec {
  return annotation(
    rows.flatMap(({ boundMs, ghostMs }, index) =>
      boundMs === null || ghostMs.samples + ghostMs.undetected === 0
        ? []
        : [{ ms: boundMs, y: index + 0.1, base: index + 1 }],
    ),
    { type: 'rule', strokeDash: [3, 2], strokeWidth: 2, color: INK.text },
    { x, y2: { field: 'base' } },
  );
}

/** Names on the left, the longest ghost and B on the right, and what the silent rows mean. */
function words(
  rows: readonly ComparisonRow[],
  styles: ReadonlyMap<string, PolicyStyle>,
): ChartSpec[] {
  const middle = (index: number): number => index + 0.62;
  const column = (
    offset: number,
    heading: string,
    text: (row: ComparisonRow) => string,
  ): ChartSpec[] => [
    annotation(
      rows.map((row, index) => ({ y: middle(index), words: text(row) })),
      { type: 'text', align: 'right', baseline: 'middle', fontSize: FONT_SIZE.text },
      { x: { value: PLOT_WIDTH + offset }, text: { field: 'words' } },
    ),
    annotation(
      [{ y: 0 }],
      { type: 'text', align: 'right', baseline: 'bottom', dy: -2, color: INK.muted, text: heading },
      { x: { value: PLOT_WIDTH + offset } },
    ),
  ];
  return [
    annotation(
      rows.map((row, index) => ({
        y: middle(index),
        words: row.policy,
        color: styles.get(row.policy)?.color ?? INK.text,
      })),
      { type: 'text', align: 'right', baseline: 'middle' },
      {
        x: { value: -NAME_GAP },
        text: { field: 'words' },
        color: { field: 'color', type: 'nominal', scale: null },
      },
    ),
    ...column(COLUMN_WIDTH, 'longest seen', longest),
    ...column(2 * COLUMN_WIDTH, 'bound B', (row) =>
      row.proved ? formatBound(row.boundMs) : 'not proved',
    ),
    ...remarks(rows, middle),
  ];
}

function longest(row: ComparisonRow): string {
  return row.ghostMs.max === null ? '–' : formatMs(row.ghostMs.max);
}

/** Remarks inside the rows, on a halo that keeps them legible over the grid. */
function remarks(rows: readonly ComparisonRow[], middle: (index: number) => number): ChartSpec[] {
  const values = rows.flatMap((row, index) => {
    const words = remarkOf(row);
    const color = row.ghostMs.undetected > 0 ? INK.alarm : INK.muted;
    return words === '' ? [] : [{ y: middle(index), words, color }];
  });
  const mark = { type: 'text', align: 'left', baseline: 'middle' };
  const at = { x: { value: 10 }, text: { field: 'words' } };
  return [
    annotation(values, { ...mark, stroke: 'white', strokeWidth: 4 }, at),
    annotation(values, mark, {
      ...at,
      color: { field: 'color', type: 'nominal', scale: null },
    }),
  ];
}

/** Whether the policy's own traffic kept the fault from happening in every run. */
function hasAverted({ ghostMs, prevented }: ComparisonRow): boolean {
  return ghostMs.samples + ghostMs.undetected === 0 && prevented > 0;
}

/** What a curve cannot say: ghosts that were never found, and faults that never came to be. */
function remarkOf(row: ComparisonRow): string {
  const { samples, undetected } = row.ghostMs;
  if (samples + undetected === 0) {
    return hasAverted(row)
      ? 'never happens: its own traffic prevents it'
      : 'no run reached the fault';
  }
  if (samples === 0) return `never notices (${plural(undetected, 'run')})`;
  if (undetected === 0) return '';
  return `${formatShare(undetected, samples + undetected)} never noticed`;
}

/** The sentence a reader should take away, with the data's own numbers. */
export function finding(scenario: string, rows: readonly ComparisonRow[]): string {
  const timed = rows.flatMap(({ policy, ghostMs: { max, undetected } }) =>
    max !== null && undetected === 0 ? [{ policy, maxMs: max }] : [],
  );
  const blind = rows.filter(({ ghostMs }) => ghostMs.undetected > 0).length;
  const averted = rows.filter(hasAverted).length;
  const parts = [
    ...extremes(timed, rows.length),
    ...(blind > 0 && blind < rows.length
      ? [`${blind} of ${rows.length} ${blind === 1 ? 'leaves' : 'leave'} ghosts for ever`]
      : []),
    ...(averted > 0
      ? [`${averted} of ${rows.length} ${averted === 1 ? 'keeps' : 'keep'} it from happening`]
      : []),
  ];
  if (parts.length > 0) return parts.join('; ');
  return blind > 0
    ? `${scenario}: nothing here ever finds the ghost`
    : `${scenario}: no ghost came to be`;
}

/** Who is quickest and who is slowest; policies whose longest times read the same share the place. */
function extremes(
  timed: readonly { readonly policy: string; readonly maxMs: number }[],
  all: number,
): readonly string[] {
  if (timed.length === 0) return [];
  const least = formatMs(Math.min(...timed.map(({ maxMs }) => maxMs)));
  const most = formatMs(Math.max(...timed.map(({ maxMs }) => maxMs)));
  const at = (words: string): readonly string[] =>
    timed.filter(({ maxMs }) => formatMs(maxMs) === words).map(({ policy }) => policy);
  const first = at(least);
  const last = at(most);
  const every = first.length === all && all > 1;
  const quick = every
    ? 'every policy finds'
    : `${formatPolicies(first)} ${first.length === 1 ? 'finds' : 'find'}`;
  const slow = `${formatPolicies(last)} ${last.length === 1 ? 'takes' : 'take'} up to ${most}`;
  return [`${quick} the ghost within ${least}`, ...(least === most ? [] : [slow])];
}
