/** A story of many connections over time: one curve per policy, those that tell the same as one. */
import type { RunFigure, RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { formatCount, formatMs } from '../../text/numbers.ts';
import { grouped } from '../data/alike.ts';
import type { Box } from '../theme/labels.ts';
import { INK, policyStyles, type PolicyStyle } from '../theme/palette.ts';
import {
  annotation,
  CROSS,
  framed,
  linearScale,
  scaleOf,
  timeAxis,
  type Layout,
  type TimeScale,
} from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance } from '../data/types.ts';
import { namesOrCount } from '../theme/words.ts';
import { list, withList } from './list.ts';
import { numbersBeside } from './numbers.ts';

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
  // The last of the durations is the end of the story: it comes first.
  const figures = run.fleet ?? [];
  const end = figures.findLast(({ unit }) => unit === 'ms');
  const inOrder = end === undefined ? figures : [end, ...figures.filter((one) => one !== end)];
  return { says: inOrder.map(figureWords), failsAtMs: null };
}

function figureWords({ name, unit, value }: RunFigure): string {
  if (value === null) return `${name}: never`;
  return `${name}: ${unit === 'ms' ? formatMs(value) : formatCount(value)}`;
}

/** The chart of a story over time, one run per policy. */
export function seriesChart(
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

/** How long a restarted server is away; 0 in other stories. */
function downMsOf({ story }: Scenario): number {
  return story.kind === 'restart' ? story.downMs : 0;
}

/** The two axes of a plane over time. */
interface Axes {
  readonly plot: Box;
  readonly times: TimeScale;
  /** Of the quantity. */
  readonly domain: readonly [number, number];
  readonly x: ChartSpec;
  readonly y: ChartSpec;
}

function axesOf(
  curves: readonly Curve[],
  quantity: string,
  scenario: Scenario,
  layout: Layout,
): Axes {
  const limit = limitOf(scenario);
  const isNarrow = layout.name === 'narrow';
  const plot = {
    x: 0,
    y: 0,
    ...(isNarrow ? { width: 250, height: 200 } : { width: 470, height: 240 }),
  };
  const all = curves.flatMap(({ points }) => points);
  const times = linearScale(
    0,
    Math.max(1, 1.25 * downMsOf(scenario), ...all.map(({ atMs }) => atMs)),
    isNarrow ? 4 : 8,
  );
  const values = [...all.map(({ value }) => value), ...(limit === null ? [] : [limit])];
  const low = limit === null ? 0 : Math.min(...values);
  const high = Math.max(1, ...values);
  const spread = high - low;
  const domain = [low - (limit === null ? 0 : spread * 0.05), low + spread * 1.1] as const;
  const x = {
    field: 'atMs',
    type: 'quantitative',
    scale: scaleOf(times),
    axis: timeAxis(times, 'time', { grid: true, aria: false }),
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [...domain], nice: false, zero: false },
    axis: { title: quantity, tickCount: 5, aria: false },
  };
  return { plot, times, domain, x, y };
}

function seriesBody(
  curves: readonly Curve[],
  quantity: string,
  scenario: Scenario,
  layout: Layout,
): ChartSpec {
  const axes = axesOf(curves, quantity, scenario, layout);
  const styles = policyStyles(curves.flatMap(({ policies }) => policies));
  const { plot } = axes;
  const drawn = {
    width: plot.width,
    height: plot.height,
    layer: [
      ...rules(scenario, axes.x, axes.y),
      ...lines(curves, scenario.name, styles, axes),
      failures(curves, limitOf(scenario), axes),
      endNumbers(curves, axes),
    ],
  };
  const entries = curves.map((curve) => ({
    names: curve.policies.map((name) => ({ name, color: styles.get(name)?.color ?? INK.text })),
    says: curve.says,
  }));
  return withList(drawn, list(entries, layout, plot.height), layout);
}

/** Curves; what has come to rest stays so to the end of the axis. */
function lines(
  curves: readonly Curve[],
  scenario: string,
  styles: ReadonlyMap<string, PolicyStyle>,
  { x, y, times }: Axes,
): readonly ChartSpec[] {
  const [, endMs] = times.domainMs;
  return curves.map(({ points: told, policies, failsAtMs }, index) => {
    const last = told.at(-1);
    const rests = failsAtMs === null && last !== undefined && last.atMs < endMs;
    const points = rests ? [...told, { atMs: endMs, value: last.value }] : told;
    const style = styles.get(policies[0] ?? '');
    const policy = policies.join(', ');
    return annotation(
      points.map(({ atMs, value }) => ({ policy, scenario, curve: index + 1, atMs, value })),
      {
        type: 'line',
        interpolate: 'step-after',
        strokeWidth: 2,
        color: style?.color ?? INK.text,
        strokeDash: [...(style?.dash ?? [])],
        aria: false,
      },
      { x, y },
    );
  });
}

/** Where accept(2) fails. */
function failures(curves: readonly Curve[], limit: number | null, { x, y }: Axes): ChartSpec {
  const values = curves.flatMap(({ failsAtMs, policies, says }) => {
    if (failsAtMs === null || limit === null) return [];
    const policy = policies.join(', ');
    return [{ policy, atMs: failsAtMs, value: limit, title: `${policy}: ${says.join('; ')}` }];
  });
  return annotation(
    values,
    { type: 'point', shape: CROSS, filled: true, size: 110, color: INK.alarm, opacity: 1 },
    { x, y, description: { field: 'title' }, tooltip: { field: 'title', type: 'nominal' } },
  );
}

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
  const downMs = downMsOf(scenario);
  return downMs === 0 ? [] : [annotation([{ atMs: downMs }], { ...mark, color: INK.text }, { x })];
}

/** The number of each curve beside its end. */
function endNumbers(curves: readonly Curve[], { plot, times, domain, x, y }: Axes): ChartSpec {
  const [low, high] = domain;
  const [fromMs, toMs] = times.domainMs;
  const ends = curves.map(({ points }) => {
    const end = points.at(-1) ?? { atMs: 0, value: 0 };
    return {
      x: ((end.atMs - fromMs) / (toMs - fromMs)) * plot.width,
      y: plot.height * (1 - (end.value - low) / (high - low)),
    };
  });
  return numbersBeside(
    ends,
    plot,
    {
      encoding: x,
      field: 'atMs',
      valueAt: (px) => fromMs + (px / plot.width) * (toMs - fromMs),
    },
    {
      encoding: y,
      field: 'value',
      valueAt: (px) => low + (1 - px / plot.height) * (high - low),
    },
  ).layer;
}
