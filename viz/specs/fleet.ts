/**
 * Stories of many connections by what they are about: a quantity over time (descriptors with their limit, ghosts
 * standing, clients served again), or how long something takes (a drain with SIGTERM and SIGKILL, the wait for a seat).
 */
import type { Policy } from '../../model/policy/types.ts';
import type {
  ComparisonRow,
  FleetFigure,
  RunFigure,
  RunResult,
} from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { formatCount, formatMs, formatShare } from '../../text/numbers.ts';
import { grouped } from '../alike.ts';
import { placeLabels, type Box } from '../labels.ts';
import { INK, policyStyles } from '../palette.ts';
import {
  annotation,
  FONT_SIZE,
  framed,
  linearScale,
  scaleOf,
  timeAxis,
  timeScale,
  type Layout,
} from '../theme.ts';
import type { Chart, ChartSpec, Provenance, ReportInput } from '../types.ts';
import { namesOrCount } from '../words.ts';
import { list, withList } from './list.ts';

/** The charts of one story; none where nothing was counted. */
export function fleetCharts(
  input: Pick<ReportInput, 'comparison' | 'policies' | 'fleetRuns'>,
  scenario: Scenario,
  provenance: Provenance,
  layout: Layout,
): readonly Chart[] {
  const runs = input.fleetRuns.filter((run) => run.scenario === scenario.name);
  const over = runs.filter(({ series }) => series !== undefined && series.length > 0);
  if (over.length > 0) return [seriesChart(over, scenario, provenance, layout)];
  const rows = input.comparison.rows.filter((row) => row.scenario === scenario.name);
  const figure = rows.flatMap(({ fleet }) => fleet ?? []).find(({ unit }) => unit === 'ms');
  if (figure === undefined) return [];
  return [figureChart(rows, figure.name, input.policies, scenario, provenance, layout)];
}

/** Policies whose run told the same. */
interface Curve {
  readonly runs: readonly RunResult[];
  readonly policies: readonly string[];
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  readonly says: readonly string[];
  readonly failsAtMs: number | null;
}

function limitOf({ story }: Scenario): number | null {
  return story.kind === 'descriptors' ? story.descriptorLimit : null;
}

function curvesOf(runs: readonly RunResult[], scenario: Scenario): readonly Curve[] {
  const told = runs.map((run) => ({ run, ...toldOf(run, scenario) }));
  return grouped(told, (a, b) => a.says.join() === b.says.join())
    .map(({ first, others }) => {
      const all = [first, ...others].map(({ run }) => run);
      return {
        runs: all,
        policies: all.map(({ policy }) => policy),
        points: first.run.series?.[0]?.points ?? [],
        says: first.says,
        failsAtMs: first.failsAtMs,
      };
    })
    .toSorted((a, b) => (b.points.at(-1)?.value ?? 0) - (a.points.at(-1)?.value ?? 0));
}

/** What a run comes to, in words. */
function toldOf(
  run: RunResult,
  scenario: Scenario,
): { readonly says: readonly string[]; readonly failsAtMs: number | null } {
  const points = run.series?.[0]?.points ?? [];
  const limit = limitOf(scenario);
  const last = points.at(-1);
  if (limit !== null && last !== undefined) {
    if (last.value >= limit) {
      return { says: [`accept fails after ${formatMs(last.atMs)}`], failsAtMs: last.atMs };
    }
    const most = Math.max(...points.map(({ value }) => value));
    return { says: [`holds, at most ${formatCount(most)} in use`], failsAtMs: null };
  }
  return { says: (run.fleet ?? []).map(figureWords), failsAtMs: null };
}

function figureWords({ name, unit, value }: RunFigure): string {
  if (value === null) return `${name}: never`;
  return `${name}: ${unit === 'ms' ? formatMs(value) : formatCount(value)}`;
}

function seriesChart(
  runs: readonly RunResult[],
  scenario: Scenario,
  { seed, version }: Provenance,
  layout: Layout,
): Chart {
  const curves = curvesOf(runs, scenario);
  const quantity = runs[0]?.series?.[0]?.name ?? '';
  const [first] = curves;
  const last = curves.at(-1);
  const say = (curve: Curve): string =>
    `${curve.says[0] ?? quantity} under ${namesOrCount(curve.policies, runs.length)}`;
  const title =
    first === undefined || last === undefined
      ? scenario.name
      : `${scenario.name}: ${first === last ? say(first) : `${say(first)}; ${say(last)}`}`;
  const limit = limitOf(scenario);
  const reading =
    `${quantity} over time in one run per policy` +
    (limit === null
      ? ''
      : `; dashed: the limit of ${formatCount(limit)}, cross: accept(2) fails with EMFILE`) +
    (scenario.story.kind === 'restart' ? '; dashed: the server is back' : '');
  const description = `${quantity} over time, ${scenario.name}: ${curves.map(say).join('; ')}.`;
  const spec = framed(
    { title, reading, provenance: { seed, version }, layout, description },
    seriesBody(curves, quantity, scenario, layout),
  );
  return { name: `fleet-${scenario.name}`, title, reading, description, spec };
}

function seriesBody(
  curves: readonly Curve[],
  quantity: string,
  scenario: Scenario,
  layout: Layout,
): ChartSpec {
  const plot = layout.name === 'narrow' ? { width: 250, height: 200 } : { width: 470, height: 240 };
  const all = curves.flatMap(({ points }) => points);
  const limit = limitOf(scenario);
  const times = linearScale(
    0,
    Math.max(1, ...all.map(({ atMs }) => atMs)),
    layout.name === 'narrow' ? 4 : 8,
  );
  const values = [...all.map(({ value }) => value), ...(limit === null ? [] : [limit])];
  const low = limit === null ? 0 : Math.min(...values);
  const high = Math.max(1, ...values);
  const domain = [low - (limit === null ? 0 : (high - low) * 0.05), low + (high - low) * 1.1];
  const x = {
    field: 'atMs',
    type: 'quantitative',
    scale: scaleOf(times),
    axis: timeAxis(times, 'time', { grid: true, aria: false }),
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: { title: quantity, tickCount: 5, aria: false },
  };
  const styles = policyStyles(curves.flatMap(({ policies }) => policies));
  const colorOf = (curve: Curve): string => styles.get(curve.policies[0] ?? '')?.color ?? INK.text;
  const lines = curves.map((curve, index) =>
    annotation(
      curve.points.map(({ atMs, value }) => ({
        policy: curve.policies.join(', '),
        scenario: scenario.name,
        curve: index + 1,
        atMs,
        value,
      })),
      {
        type: 'line',
        interpolate: 'step-after',
        strokeWidth: 2,
        color: colorOf(curve),
        strokeDash: [...(styles.get(curve.policies[0] ?? '')?.dash ?? [])],
        aria: false,
      },
      { x, y },
    ),
  );
  const fails = curves.flatMap((curve) =>
    curve.failsAtMs === null || limit === null
      ? []
      : [
          {
            policy: curve.policies.join(', '),
            atMs: curve.failsAtMs,
            value: limit,
            title: `${curve.policies.join(', ')}: ${curve.says.join('; ')}`,
          },
        ],
  );
  const drawn = {
    ...plot,
    layer: [
      ...rules(scenario, x, y),
      ...lines,
      annotation(
        fails,
        { type: 'point', shape: CROSS, filled: true, size: 110, color: INK.alarm, opacity: 1 },
        { x, y, description: { field: 'title' }, tooltip: { field: 'title', type: 'nominal' } },
      ),
      endNumbers(curves, { ...plot, x: 0, y: 0 }, times.domainMs, domain, x, y),
    ],
  };
  const entries = curves.map((curve) => ({
    names: curve.policies.map((name) => ({ name, color: styles.get(name)?.color ?? INK.text })),
    says: curve.says,
  }));
  return withList(drawn, list(entries, layout, plot.height), layout);
}

/** A vega symbol: an upright cross turned by 45 degrees. */
export const CROSS =
  'M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z';

/** The descriptor limit, or the instant at which a restarted server is back. */
function rules(scenario: Scenario, x: ChartSpec, y: ChartSpec): ChartSpec[] {
  const mark = {
    type: 'rule',
    strokeDash: [5, 4],
    color: INK.alarm,
    strokeWidth: 1.5,
    aria: false,
  };
  const limit = limitOf(scenario);
  if (limit !== null) return [annotation([{ value: limit }], mark, { y })];
  if (scenario.story.kind === 'restart') {
    return [annotation([{ atMs: scenario.story.downMs }], { ...mark, color: INK.text }, { x })];
  }
  return [];
}

/** The number of each curve beside its end. */
function endNumbers(
  curves: readonly Curve[],
  plot: Box,
  [fromMs, toMs]: readonly [number, number],
  domain: readonly number[],
  x: ChartSpec,
  y: ChartSpec,
): ChartSpec {
  const [low = 0, high = 1] = domain;
  const ends = curves.map(({ points }, index) => {
    const end = points.at(-1) ?? { atMs: 0, value: 0 };
    return {
      x: ((end.atMs - fromMs) / (toMs - fromMs)) * plot.width,
      y: plot.height * (1 - (end.value - low) / (high - low)),
      width: textWidthPx(String(index + 1), FONT_SIZE.small),
      height: FONT_SIZE.small,
    };
  });
  const places = placeLabels(ends, plot, () => false);
  const values = places.map((box, index) => ({
    number: String(index + 1),
    atMs: fromMs + ((box.x + box.width / 2) / plot.width) * (toMs - fromMs),
    value: low + (1 - (box.y + box.height / 2) / plot.height) * (high - low),
  }));
  return annotation(
    values,
    { type: 'text', fontSize: FONT_SIZE.small, baseline: 'middle', aria: false },
    { x, y, text: { field: 'number', type: 'nominal' } },
  );
}

/** One row of a figure's chart. */
interface FigureRow {
  readonly policy: string;
  readonly figure: FleetFigure;
  /** SIGKILL comes so long after SIGTERM; null = never, or the story has no drain. */
  readonly killAtMs: number | null;
  readonly says: string;
}

function figureChart(
  rows: readonly ComparisonRow[],
  name: string,
  policies: readonly Policy[],
  scenario: Scenario,
  provenance: Provenance,
  layout: Layout,
): Chart {
  const isDrain = scenario.story.kind === 'drain';
  const lines = rows
    .flatMap((row): readonly FigureRow[] => {
      const figure = row.fleet?.find((each) => each.name === name);
      if (figure === undefined) return [];
      const policy = policies.find((each) => each.name === row.policy);
      const killAtMs = isDrain ? deadlineOf(policy) : null;
      return [{ policy: row.policy, figure, killAtMs, says: distributionWords(figure) }];
    })
    .toSorted((a, b) => orderOf(a) - orderOf(b));
  const never = lines.filter(({ figure }) => figure.never > 0).map(({ policy }) => policy);
  const timed = lines.filter(({ figure }) => figure.never === 0 && figure.max !== null);
  const ends = [timed[0], timed.at(-1)].filter((line) => line !== undefined);
  const spread = [
    ...new Set(
      ends.map(
        (line) =>
          `at most ${formatMs(line.figure.max ?? 0, 'up')} in these runs under ${sameAs(line, timed, lines.length)}`,
      ),
    ),
  ];
  const parts = [
    ...spread,
    ...(never.length === 0 ? [] : [`without end under ${namesOrCount(never, lines.length)}`]),
  ];
  const title = `${scenario.name}, ${name}: ${parts.join('; ')}`;
  const reading =
    `${name}: bar from the shortest to the longest run, tick at the middle one` +
    (isDrain ? '; time runs from SIGTERM, cross: SIGKILL at the policy’s deadline' : '');
  const description = `${name} in ${scenario.name}: ${lines.map(({ policy, says }) => `${policy} ${says}`).join('; ')}.`;
  const spec = framed(
    { title, reading, provenance, layout, description },
    figureBody(lines, scenario.name, isDrain, layout),
  );
  return { name: `fleet-${scenario.name}`, title, reading, description, spec };
}

function deadlineOf(policy: Policy | undefined): number | null {
  const drain = policy?.mechanisms.find(({ kind }) => kind === 'drain');
  return drain?.kind === 'drain' ? drain.deadlineMs : null;
}

function sameAs(line: FigureRow, lines: readonly FigureRow[], of: number): string {
  const words = formatMs(line.figure.max ?? 0, 'up');
  const same = lines.filter(({ figure }) => formatMs(figure.max ?? 0, 'up') === words);
  return namesOrCount(
    same.map(({ policy }) => policy),
    of,
  );
}

function orderOf({ figure }: FigureRow): number {
  return figure.never > 0 ? Infinity : (figure.max ?? -1);
}

function distributionWords({ max, p50, never, samples }: FleetFigure): string {
  const runs = samples + never;
  if (max === null || p50 === null) return never > 0 ? 'never ends' : 'does not come up';
  const seen = `half within ${formatMs(p50)}, longest seen ${formatMs(max)}`;
  return never > 0 ? `${formatShare(never, runs)} never end, the others: ${seen}` : seen;
}

function figureBody(
  lines: readonly FigureRow[],
  scenario: string,
  isDrain: boolean,
  layout: Layout,
): ChartSpec {
  const isNarrow = layout.name === 'narrow';
  const widest = (texts: readonly string[]): number =>
    Math.max(...texts.map((text) => textWidthPx(text, FONT_SIZE.text)));
  const beside =
    widest(lines.map(({ policy }) => policy)) + widest(lines.map(({ says }) => says)) + 24;
  const width = isNarrow ? layout.widthPx - 10 : Math.max(260, Math.floor(layout.widthPx - beside));
  const rowPx = isNarrow ? 48 : 22;
  const scale = timeScale(
    lines.flatMap(({ figure, killAtMs }) =>
      [figure.min, figure.max, killAtMs].filter((ms) => ms !== null),
    ),
    isNarrow ? 5 : Math.floor(width / 56),
  );
  const x = {
    field: 'p50Ms',
    type: 'quantitative',
    scale: scaleOf(scale),
    axis: timeAxis(scale, isDrain ? 'time since SIGTERM' : 'time', { grid: true, aria: false }),
  };
  const y = {
    field: 'policy',
    type: 'nominal',
    sort: lines.map(({ policy }) => policy),
    axis: isNarrow
      ? null
      : {
          title: null,
          domain: false,
          ticks: false,
          labelPadding: 8,
          labelColor: INK.text,
          labelFontSize: FONT_SIZE.text,
          aria: false,
        },
  };
  const styles = policyStyles(lines.map(({ policy }) => policy));
  const [low] = scale.domainMs;
  const at = (ms: number | null): number | null => (ms === null ? null : Math.max(ms, low));
  const values = lines.map(({ policy, figure, killAtMs, says }) => ({
    policy,
    scenario,
    minMs: at(figure.min),
    p50Ms: at(figure.p50),
    p99Ms: at(figure.p99),
    maxMs: at(figure.max),
    never: figure.never,
    killAtMs: at(killAtMs),
    says,
    title: `${policy}: ${says}`,
    color: styles.get(policy)?.color ?? INK.text,
    isAlarm: figure.never > 0,
  }));
  const color = { field: 'color', type: 'nominal', scale: null };
  const ink = { condition: { test: 'datum.isAlarm', value: INK.alarm }, value: INK.muted };
  const inRow = isNarrow ? { yOffset: { value: 34 } } : {};
  const text = { type: 'text', align: 'left', baseline: 'middle', aria: false };
  const says = { field: 'says', type: 'nominal' };
  return {
    data: { values },
    width,
    height: rowPx * lines.length,
    encoding: { y },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.maxMs)' }],
        mark: { type: 'bar', height: 7, opacity: 0.35, minBandSize: 2 },
        encoding: {
          x: { ...x, field: 'minMs' },
          x2: { field: 'maxMs' },
          color,
          tooltip: { field: 'title', type: 'nominal' },
          description: { field: 'title' },
          ...inRow,
        },
      },
      {
        transform: [{ filter: 'isValid(datum.p50Ms)' }],
        mark: { type: 'tick', thickness: 2.5, height: 11, aria: false },
        encoding: { x, color, ...inRow },
      },
      {
        transform: [{ filter: 'isValid(datum.killAtMs)' }],
        mark: {
          type: 'point',
          shape: CROSS,
          filled: true,
          size: 70,
          color: INK.alarm,
          aria: false,
        },
        encoding: { x: { ...x, field: 'killAtMs' }, ...inRow },
      },
      ...(isNarrow
        ? [
            {
              mark: { ...text, dy: -14 },
              encoding: { x: { value: 0 }, text: { field: 'policy', type: 'nominal' }, color },
            },
            {
              mark: { ...text, fontSize: FONT_SIZE.small },
              encoding: { x: { value: 0 }, text: says, color: ink },
            },
          ]
        : [
            {
              mark: text,
              encoding: { x: { value: width + 12 }, text: says, color: ink },
            },
          ]),
    ],
  };
}
