/**
 * How long ghosts live: one row per policy (or, of a single policy, one per fault) with the share of ghosts
 * found by then, rising from 0 to 100 % of the row. Rows share the time axis, so curves can be compared
 * and never hide each other. What is never found has no curve: its row says so.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { rowsAlike, grouped, type Alike } from '../data/alike.ts';
import {
  boundOf,
  boundOrder,
  boundWords,
  ghostState,
  ghostWords,
  isBounded,
  type GhostState,
} from '../data/cells.ts';
import { formatList } from '../../text/lists.ts';
import { INK, policyStyles } from '../theme/palette.ts';
import { textWidthPx } from '../../text/font-width.ts';
import {
  FONT_SIZE,
  framed,
  scaleOf,
  timeAxis,
  timeScale,
  type Layout,
  type TimeScale,
} from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance } from '../data/types.ts';
import { finding, findingOfPolicy } from './detection-findings.ts';

const GAP_PX = 12;
/** Steps of one curve: as many as there are to see. */
const MAX_STEPS = 32;
/** In the chart of one policy: ends so many times sooner than the longest have no curve. */
const AT_ONCE = 100;

/** One row of the chart: what it is called, and whose ghosts it shows. */
interface Line {
  readonly label: string;
  readonly row: ComparisonRow;
  /** So much sooner than the others that it has words and no curve. */
  readonly isAtOnce: boolean;
}

/** Charts of all faults: one per fault, equal faults together; of a single policy one for all of them. */
export function detectionCharts(
  comparison: Comparison,
  scenarios: readonly string[],
  provenance: Provenance,
  layout: Layout,
): readonly Chart[] {
  const policies = [...new Set(comparison.rows.map(({ policy }) => policy))];
  const rowsOf = (scenario: string): readonly ComparisonRow[] =>
    comparison.rows.filter((row) => row.kind === 'fault' && row.scenario === scenario);
  const [only] = policies;
  if (policies.length === 1 && only !== undefined) {
    const rows = scenarios.flatMap(rowsOf);
    return rows.length === 0 ? [] : [ofPolicy(only, rows, provenance, layout)];
  }
  return grouped(scenarios, (a, b) => {
    const others = rowsOf(b);
    return rowsOf(a).every((row, i) => {
      const other = others[i];
      return other !== undefined && other.policy === row.policy && rowsAlike(row, other);
    });
  }).map((group) => ofFaults(group, rowsOf(group.first), provenance, layout));
}

function ofPolicy(
  policy: string,
  rows: readonly ComparisonRow[],
  provenance: Provenance,
  layout: Layout,
): Chart {
  const groups = grouped(rows, rowsAlike);
  const lines = groups.map(({ first, others }) => ({
    label:
      others.length === 0
        ? first.scenario
        : `${first.scenario} + ${others.length} ${others.length === 1 ? 'other' : 'others'}`,
    row: first,
  }));
  const same = groups.flatMap(({ first, others }) =>
    others.length === 0
      ? []
      : [`${first.scenario} stands for ${formatList(others.map(({ scenario }) => scenario))} too`],
  );
  return chart(
    {
      name: 'detection',
      title: findingOfPolicy(policy, rows),
      subject: 'each fault',
      remarks: same,
    },
    withoutInstantEnds(lines),
    provenance,
    layout,
  );
}

function ofFaults(
  { first, others }: Alike<string>,
  rows: readonly ComparisonRow[],
  provenance: Provenance,
  layout: Layout,
): Chart {
  const remarks =
    others.length === 0
      ? []
      : [`the same, as far as these runs can tell, in ${formatList(others)}`];
  const folded = withoutCurves(rows);
  const head = {
    name: `detection-${first}`,
    title: finding(first, rows),
    subject: 'each policy',
    remarks: [...remarks, ...folded.remarks],
  };
  return chart(head, folded.lines, provenance, layout);
}

/**
 * The rows of a fault as lines. Policies of which there is nothing to draw are listed in words, unless there are no
 * others; where all policies tell the same, one line stands for all.
 */
function withoutCurves(rows: readonly ComparisonRow[]): {
  readonly lines: readonly Line[];
  readonly remarks: readonly string[];
} {
  const [first] = rows;
  if (first !== undefined && rows.length > 1 && rows.every((row) => rowsAlike(first, row))) {
    const names = `the same under ${formatList(rows.map(({ policy }) => policy))}`;
    return { lines: [{ label: 'every policy', row: first, isAtOnce: false }], remarks: [names] };
  }
  const drawn = rows.filter(({ ghostQuantilesMs }) => ghostQuantilesMs.length > 0);
  const shown = drawn.length > 0 ? drawn : rows;
  const named = (
    words: string,
    state: GhostState,
    isSo: (row: ComparisonRow) => boolean = () => true,
  ): readonly string[] => {
    const names = rows.filter(
      (row) => !shown.includes(row) && ghostState(row) === state && isSo(row),
    );
    return names.length === 0 ? [] : [`${words}: ${formatList(names.map(({ policy }) => policy))}`];
  };
  return {
    lines: shown.map((row) => ({ label: row.policy, row, isAtOnce: false })),
    remarks: [
      ...named('never found by', 'never', ({ watchedOut }) => watchedOut),
      ...named('not found in the watch by', 'never', ({ watchedOut }) => !watchedOut),
      ...named('kept from happening by the traffic of', 'prevented'),
      ...named('no run came to the fault under', 'not-reached'),
    ],
  };
}

interface Head {
  readonly name: string;
  readonly title: string;
  readonly subject: string;
  readonly remarks: readonly string[];
}

function chart(
  { name, title, subject, remarks }: Head,
  unordered: readonly Line[],
  provenance: Provenance,
  layout: Layout,
): Chart {
  const lines = unordered.toSorted((a, b) => boundOrder(a.row) - boundOrder(b.row));
  const body = bodyOf(lines, layout);
  const reading = [
    `${subject}: share of its ghosts found, rising from 0 to 100 %, by time since the fault${body.isLog ? ' (logarithmic axis)' : ''}; upright bar: the proved bound B`,
    ...remarks,
  ].join('; ');
  const description = `Share of ghosts found against time since the fault, for ${formatList(lines.map(({ label }) => label))}.`;
  const spec = framed({ title, reading, provenance, layout, description }, body.spec);
  return { name, title, reading, description, spec };
}

interface Body {
  readonly spec: ChartSpec;
  readonly isLog: boolean;
}

/** Where the parts of a row go. */
interface Places {
  readonly plotPx: number;
  readonly rowPx: number;
  readonly spacingPx: number;
  readonly maxTicks: number;
}

function placesOf(lines: readonly Line[], layout: Layout): Places {
  if (layout.name === 'narrow') {
    return { plotPx: layout.widthPx - 8, rowPx: 22, spacingPx: 10, maxTicks: 5 };
  }
  const widest = (texts: readonly string[]): number =>
    Math.max(...texts.map((text) => textWidthPx(text, FONT_SIZE.text)));
  const beside =
    widest(lines.map(({ label }) => label)) +
    widest(lines.map((line) => (hasCurve(line) ? ghostWords(line.row) : ''))) +
    2 * GAP_PX;
  const plotPx = Math.max(300, Math.floor(layout.widthPx - beside));
  return { plotPx, rowPx: 20, spacingPx: 0, maxTicks: Math.floor(plotPx / 52) };
}

function hasCurve({ row, isAtOnce }: Line): boolean {
  return row.ghostQuantilesMs.length > 0 && !isAtOnce;
}

/** Ends that come at once, as an orderly close, would push all others into one edge of the axis. */
function withoutInstantEnds(lines: readonly Omit<Line, 'isAtOnce'>[]): readonly Line[] {
  const longest = (row: ComparisonRow): number =>
    Math.max(row.ghostMs.max ?? 0, finiteBound(row) ?? 0);
  const all = Math.max(0, ...lines.map(({ row }) => longest(row)));
  return lines.map((line) => ({ ...line, isAtOnce: longest(line.row) < all / AT_ONCE }));
}

function bodyOf(lines: readonly Line[], layout: Layout): Body {
  const places = placesOf(lines, layout);
  const scale = timeScale(
    lines.flatMap((line) => (hasCurve(line) ? timesOf(line.row) : [])),
    places.maxTicks,
  );
  const styles = policyStyles(lines.map(({ row }) => row.policy));
  const values = lines.flatMap((line) => valuesOf(line, scale));
  const x = {
    field: 'foundByMs',
    type: 'quantitative',
    scale: scaleOf(scale),
    axis: timeAxis(scale, 'time from the fault to the decision', { grid: true, aria: false }),
  };
  const y = {
    field: 'shareFound',
    type: 'quantitative',
    scale: { domain: [0, 1.15], nice: false },
    stack: null,
    axis: null,
  };
  const policies = [...new Set(lines.map(({ row }) => row.policy))];
  const color = {
    field: 'policy',
    type: 'nominal',
    scale: { domain: policies, range: policies.map((name) => styles.get(name)?.color ?? INK.text) },
    legend: null,
  };
  const area = {
    transform: [{ filter: "datum.kind === 'curve'" }],
    mark: {
      type: 'area',
      interpolate: 'step-after',
      fillOpacity: 0.16,
      line: { strokeWidth: 1.75, aria: false },
      clip: true,
      aria: false,
    },
    encoding: { x, y, color },
  };
  const bound = {
    transform: [{ filter: "datum.kind === 'row' && isValid(datum.boundMs)" }],
    mark: { type: 'rule', strokeWidth: 2.5, color: INK.text },
    encoding: {
      x: { ...x, field: 'boundMs' },
      tooltip: TOOLTIP,
      description: { field: 'says' },
    },
  };
  return {
    isLog: scale.type === 'log',
    spec: {
      data: { values },
      facet: {
        row: {
          field: 'line',
          type: 'nominal',
          sort: lines.map(({ label }) => label),
          header: null,
        },
      },
      spacing: places.spacingPx,
      spec: {
        width: places.plotPx,
        height: places.rowPx,
        layer: [area, bound, ...rowTexts(places, layout, color)],
      },
    },
  };
}

const TOOLTIP = [
  { field: 'policy', type: 'nominal' },
  { field: 'scenario', type: 'nominal' },
  { field: 'bound', type: 'nominal', title: 'B' },
  { field: 'says', type: 'nominal', title: 'in short' },
];

/** Name and words of each row: beside it where there is room, above it on a phone. */
function rowTexts({ plotPx, rowPx }: Places, layout: Layout, color: ChartSpec): ChartSpec[] {
  const rows = { filter: "datum.kind === 'row'" };
  const text = { type: 'text', aria: false };
  const words = { field: 'says', type: 'nominal' };
  const ink = {
    condition: { test: 'datum.isAlarm', value: INK.alarm },
    value: INK.muted,
  };
  if (layout.name === 'narrow') {
    return [
      {
        transform: [rows],
        mark: { ...text, align: 'left', baseline: 'bottom', fontSize: FONT_SIZE.text },
        encoding: { x: { value: 0 }, y: { value: -16 }, text: { field: 'line' }, color },
      },
      {
        transform: [rows],
        mark: { ...text, align: 'left', baseline: 'bottom', fontSize: FONT_SIZE.small },
        encoding: { x: { value: 0 }, y: { value: -2 }, text: words, color: ink },
      },
    ];
  }
  const middle = { value: rowPx - 10 };
  return [
    {
      transform: [rows],
      mark: { ...text, align: 'right', baseline: 'middle' },
      encoding: { x: { value: -GAP_PX }, y: middle, text: { field: 'line' }, color },
    },
    {
      transform: [rows, { filter: 'datum.hasCurve' }],
      mark: { ...text, align: 'left', baseline: 'middle' },
      encoding: { x: { value: plotPx + GAP_PX }, y: middle, text: words, color: ink },
    },
    {
      transform: [rows, { filter: '!datum.hasCurve' }],
      mark: { ...text, align: 'left', baseline: 'middle' },
      encoding: { x: { value: 6 }, y: middle, text: words, color: ink },
    },
  ];
}

function timesOf(row: ComparisonRow): readonly number[] {
  return [row.ghostMs.min, row.ghostMs.max, finiteBound(row)].filter((ms) => ms !== null);
}

function finiteBound(row: ComparisonRow): number | null {
  const bound = boundOf(row);
  return isBounded(row) && bound.kind === 'finite' ? bound.ms : null;
}

function valuesOf(line: Line, scale: TimeScale): ChartSpec[] {
  const { label, row } = line;
  const { policy, scenario } = row;
  const state = ghostState(row);
  const whole = {
    line: label,
    kind: 'row',
    policy,
    scenario,
    boundMs: line.isAtOnce ? null : finiteBound(row),
    longestSeenMs: row.ghostMs.max,
    bound: state === 'found' ? boundWords(row) : '–',
    says: ghostWords(row),
    hasCurve: hasCurve(line),
    isAlarm: !isBounded(row) && state !== 'prevented' && state !== 'not-reached',
  };
  const steps = hasCurve(line) ? stepsOf(row, scale) : [];
  const curve = steps.map(([foundByMs, shareFound]) => ({
    line: label,
    kind: 'curve',
    policy,
    scenario,
    foundByMs,
    shareFound,
  }));
  return [whole, ...curve];
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
