/**
 * The tail of how long ghosts live: time against 1 / (1 − p) on a logarithmic axis, so that p50, p90, p99 and p99.9 are as far apart
 * as they are rare. A share that was not found is a curve that ends below its rarity.
 */
import type { ComparisonRow } from '../../model/results/types.ts';
import { formatList } from '../../text/lists.ts';
import { formatMs } from '../../text/numbers.ts';
import { boundWords, ghostState, isBounded, neverWords } from '../data/cells.ts';
import { grouped, rowsAlike, type Alike } from '../data/alike.ts';
import type { Box } from '../theme/labels.ts';
import { INK, policyStyles, type PolicyStyle } from '../theme/palette.ts';
import {
  annotation,
  framed,
  labelByValue,
  scaleOf,
  timeAxis,
  timeScale,
  type Layout,
  type TimeScale,
} from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance } from '../data/types.ts';
import { list, withList } from './list.ts';
import { numbersBeside } from './numbers.ts';

/** Curves beyond these would only cover each other. */
const MOST_CURVES = 8;

/** Rarities that are labelled: one in so many ghosts lives longer. */
const TICKS: readonly { readonly oneIn: number; readonly words: string }[] = [
  { oneIn: 1, words: 'p0' },
  { oneIn: 2, words: 'p50' },
  { oneIn: 10, words: 'p90' },
  { oneIn: 100, words: 'p99' },
  { oneIn: 1_000, words: 'p99.9' },
  { oneIn: 10_000, words: 'p99.99' },
];

/** Points of one curve that are drawn: every one of the rarest, fewer of the rest. */
const POINTS = 48;

interface Point {
  readonly foundByMs: number;
  readonly oneIn: number;
}

/**
 * The k-th of n ghosts, those that were never found counted, stands at p = k / (n + 1): the longest of n is no p100. Thinned order statistics
 * keep their rank.
 */
function pointsOf({ ghostQuantilesMs: sorted, ghostMs }: ComparisonRow): readonly Point[] {
  const { samples, undetected } = ghostMs;
  const all = samples + undetected;
  const ranked = sorted.map((foundByMs, index) => {
    const rank = Math.round(((index + 1) * samples) / sorted.length);
    return { foundByMs, oneIn: (all + 1) / (all + 1 - rank) };
  });
  const step = Math.log((ranked.at(-1)?.oneIn ?? 1) + 1e-9) / POINTS;
  const kept: Point[] = [];
  for (const point of ranked) {
    const last = kept.at(-1);
    if (last === undefined || Math.log(point.oneIn / last.oneIn) >= step) kept.push(point);
  }
  const longest = ranked.at(-1);
  return longest === undefined || kept.at(-1) === longest ? kept : [...kept, longest];
}

type NameOf = (row: ComparisonRow) => string;

/** One curve: what it is of, and the row that it is drawn from. */
interface Curve {
  readonly label: string;
  readonly row: ComparisonRow;
  readonly points: readonly Point[];
  /** Of what else it is drawn. */
  readonly others: readonly string[];
}

function wordsOf(row: ComparisonRow): string {
  const { p99, max } = row.ghostMs;
  const seen = `p99 ${formatMs(p99 ?? 0)}, max ${formatMs(max ?? 0)}`;
  if (ghostState(row) === 'partly-never') return `${neverWords(row)}, of the others ${seen}`;
  return `${seen} · ${boundWords(row)}`;
}

function curvesOf(rows: readonly ComparisonRow[], nameOf: NameOf): readonly Curve[] {
  const drawn = rows.filter(({ ghostQuantilesMs }) => ghostQuantilesMs.length > 1);
  const label = ({ first, others }: Alike<ComparisonRow>): string =>
    others.length === 0
      ? nameOf(first)
      : `${nameOf(first)} + ${others.length} ${others.length === 1 ? 'other' : 'others'}`;
  return grouped(drawn, rowsAlike)
    .toSorted((a, b) => (a.first.ghostMs.max ?? 0) - (b.first.ghostMs.max ?? 0))
    .slice(0, MOST_CURVES)
    .map((group) => ({
      label: label(group),
      row: group.first,
      points: pointsOf(group.first),
      others: group.others.map(nameOf),
    }));
}

/** What the curves stand for beside their names, and what has none. */
function remarksOn(
  curves: readonly Curve[],
  rows: readonly ComparisonRow[],
  nameOf: NameOf,
): string[] {
  const shared = curves.flatMap(({ others }, index) =>
    others.length === 0 ? [] : [`curve ${index + 1} is that of ${formatList(others)} too`],
  );
  const named = new Set(curves.flatMap(({ row, others }) => [nameOf(row), ...others]));
  const without = rows.map(nameOf).filter((name) => !named.has(name));
  return [...shared, ...(without.length === 0 ? [] : [`not drawn: ${formatList(without)}`])];
}

/**
 * The tails of one fault under all policies, or of one policy in all faults; undefined where there is no tail to see.
 *
 * @param rows fault rows of one scenario, or of one policy
 */
export function tailChart(
  rows: readonly ComparisonRow[],
  provenance: Provenance,
  layout: Layout,
): Chart | undefined {
  const [first] = rows;
  const byPolicy = new Set(rows.map(({ policy }) => policy)).size > 1;
  const nameOf: NameOf = byPolicy ? ({ policy }) => policy : ({ scenario }) => scenario;
  const curves = curvesOf(rows, nameOf);
  if (first === undefined || curves.length === 0) return undefined;
  const subject = byPolicy ? first.scenario : first.policy;
  const title = `${subject}: ${finding(curves)}`;
  const reading = [
    'one curve each, as list and numbers name them: how rare a life is that lasts longer than the time on the axis (p99: one in 100); dashed and grey: the proved bound B',
    ...remarksOn(curves, rows, nameOf),
  ].join('; ');
  const description = `Tails of the time to the decision, ${subject}: ${curves.map(({ label, row }) => `${label} ${wordsOf(row)}`).join('; ')}.`;
  const spec = framed({ title, reading, provenance, layout, description }, bodyOf(curves, layout));
  return { name: `tail-${subject}`, title, reading, description, spec };
}

/** A policy has its own look; several faults of one policy have one each. */
function stylesOf(curves: readonly Curve[]): ReadonlyMap<string, PolicyStyle> {
  const policies = new Set(curves.map(({ row }) => row.policy));
  const names = curves.map(({ label, row }) => (policies.size > 1 ? row.policy : label));
  const styles = policyStyles(names);
  return new Map(
    curves.flatMap(({ label }, index) => {
      const style = styles.get(names[index] ?? '');
      return style === undefined ? [] : [[label, style] as const];
    }),
  );
}

/** The range of what one ghost in a hundred outlives. */
function finding(curves: readonly Curve[]): string {
  const ranked = curves.toSorted((a, b) => (a.row.ghostMs.p99 ?? 0) - (b.row.ghostMs.p99 ?? 0));
  const say = ({ label, row }: Curve): string => `${formatMs(row.ghostMs.p99 ?? 0)} (${label})`;
  const [first] = ranked;
  const last = ranked.at(-1);
  if (first === undefined || last === undefined) return 'no ghost was found';
  const range = first === last ? say(first) : `${say(first)} to ${say(last)}`;
  return `one in 100 of the ghosts that were found lived longer than ${range}`;
}

/** How rare a longer life is: an axis of factors, labelled by percentiles. */
function rarityOf(domain: readonly [number, number]): ChartSpec {
  const ticks = TICKS.filter(({ oneIn }) => oneIn <= domain[1]);
  return {
    field: 'oneIn',
    type: 'quantitative',
    scale: { type: 'log', domain: [...domain], nice: false },
    axis: {
      title: null,
      values: ticks.map(({ oneIn }) => oneIn),
      labelExpr: labelByValue(
        ticks.map(({ oneIn }) => oneIn),
        (value) => ticks.find(({ oneIn }) => oneIn === value)?.words ?? '',
      ),
      grid: true,
      aria: false,
    },
  };
}

function bodyOf(curves: readonly Curve[], layout: Layout): ChartSpec {
  const isNarrow = layout.name === 'narrow';
  const plot = {
    x: 0,
    y: 0,
    ...(isNarrow ? { width: 270, height: 220 } : { width: 520, height: 260 }),
  };
  const bounds = curves.flatMap(({ row }) => (isBounded(row) ? [row.boundMs ?? 0] : []));
  const times = timeScale(
    [...curves.flatMap(({ points }) => points.map(({ foundByMs }) => foundByMs)), ...bounds],
    isNarrow ? 4 : 8,
  );
  const rarest = Math.max(...curves.flatMap(({ points }) => points.map(({ oneIn }) => oneIn)));
  const domain = [1, rarest * 1.6] as const;
  const x = {
    field: 'foundByMs',
    type: 'quantitative',
    scale: scaleOf(times),
    axis: timeAxis(times, 'time from the fault to the decision', { grid: true, aria: false }),
  };
  const y = rarityOf(domain);
  const styles = stylesOf(curves);
  const lines = curves.map(({ label, row, points }, index) =>
    annotation(
      points.map((point) => ({
        policy: row.policy,
        scenario: row.scenario,
        curve: index + 1,
        ...point,
      })),
      {
        type: 'line',
        interpolate: 'step-before',
        strokeWidth: 2,
        color: styles.get(label)?.color ?? INK.text,
        strokeDash: [...(styles.get(label)?.dash ?? [])],
        aria: false,
      },
      { x, y },
    ),
  );
  const rules = annotation(
    bounds.map((foundByMs) => ({ foundByMs })),
    { type: 'rule', strokeDash: [5, 4], strokeWidth: 1.5, color: INK.line, aria: false },
    { x },
  );
  const drawn = {
    width: plot.width,
    height: plot.height,
    layer: [
      rules,
      ...lines,
      ends(curves, styles, { x, y }),
      endNumbers(curves, plot, { times, domain, x, y }),
    ],
  };
  const entries = curves.map(({ label, row }) => ({
    names: [{ name: label, color: styles.get(label)?.color ?? INK.text }],
    says: [wordsOf(row)],
  }));
  return withList(drawn, list(entries, layout, plot.height), layout);
}

/** The rarest point of each curve, which says in words what the curve comes to. */
function ends(
  curves: readonly Curve[],
  styles: ReadonlyMap<string, PolicyStyle>,
  { x, y }: Pick<Axes, 'x' | 'y'>,
): ChartSpec {
  const values = curves.flatMap(({ label, row, points }) =>
    points.slice(-1).map((point) => ({
      policy: row.policy,
      scenario: row.scenario,
      ...point,
      color: styles.get(label)?.color ?? INK.text,
      says: `${label}: ${wordsOf(row)}`,
    })),
  );
  return annotation(
    values,
    { type: 'point', filled: true, size: 28, opacity: 1 },
    {
      x,
      y,
      color: { field: 'color', type: 'nominal', scale: null },
      description: { field: 'says' },
      tooltip: { field: 'says', type: 'nominal' },
    },
  );
}

interface Axes {
  readonly times: TimeScale;
  /** Of the rarity, which grows upwards by factors. */
  readonly domain: readonly [number, number];
  readonly x: ChartSpec;
  readonly y: ChartSpec;
}

/** Where a value lies between the two ends of its axis, 0 to 1, and back. */
function shareOf(value: number, [low, high]: readonly [number, number], isLog: boolean): number {
  return isLog
    ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
    : (value - low) / (high - low);
}

function valueAt(share: number, [low, high]: readonly [number, number], isLog: boolean): number {
  return isLog ? low * (high / low) ** share : low + share * (high - low);
}

/** The number of each curve beside its rarest point. */
function endNumbers(curves: readonly Curve[], plot: Box, { times, domain, x, y }: Axes): ChartSpec {
  const isLog = times.type === 'log';
  const ends = curves.map(({ points }) => {
    const { foundByMs, oneIn } = points.at(-1) ?? { foundByMs: 1, oneIn: 1 };
    return {
      x: shareOf(foundByMs, times.domainMs, isLog) * plot.width,
      y: (1 - shareOf(oneIn, domain, true)) * plot.height,
    };
  });
  return numbersBeside(
    ends,
    plot,
    {
      encoding: x,
      field: 'foundByMs',
      valueAt: (px) => valueAt(px / plot.width, times.domainMs, isLog),
    },
    {
      encoding: y,
      field: 'oneIn',
      valueAt: (px) => valueAt(1 - px / plot.height, domain, true),
    },
  ).layer;
}
