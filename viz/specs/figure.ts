/** How long something takes in a story of many connections, as a bar per policy over all runs. */
import type { Policy } from '../../model/policy/types.ts';
import type { ComparisonRow, FleetFigure } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { formatMs, formatShare } from '../../text/numbers.ts';
import { INK, policyStyles } from '../theme/palette.ts';
import {
  CROSS,
  FONT_SIZE,
  framed,
  scaleOf,
  timeAxis,
  timeScale,
  type Layout,
  type TimeScale,
} from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance } from '../data/types.ts';
import { namesOrCount } from '../theme/words.ts';

/** One row of a figure's chart. */
interface FigureRow {
  readonly policy: string;
  readonly figure: FleetFigure;
  /** SIGKILL comes so long after SIGTERM; null = never, or the story has no drain. */
  readonly killAtMs: number | null;
  readonly says: string;
}

/** The chart of one figure: how long something takes under each policy. */
export function figureChart(
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
  const axis = timeAxis(scale, isDrain ? 'time since SIGTERM' : 'time', {
    grid: true,
    aria: false,
  });
  const x = { field: 'p50Ms', type: 'quantitative', scale: scaleOf(scale), axis };
  return {
    data: { values: valuesOf(lines, scenario, scale) },
    width,
    height: rowPx * lines.length,
    encoding: { y: yOf(lines, isNarrow) },
    layer: [...bars(x, isNarrow ? { yOffset: { value: 34 } } : {}), ...words(width, isNarrow)],
  };
}

function yOf(lines: readonly FigureRow[], isNarrow: boolean): ChartSpec {
  const axis = {
    title: null,
    domain: false,
    ticks: false,
    labelPadding: 8,
    labelColor: INK.text,
    labelFontSize: FONT_SIZE.text,
    aria: false,
  };
  return {
    field: 'policy',
    type: 'nominal',
    sort: lines.map(({ policy }) => policy),
    axis: isNarrow ? null : axis,
  };
}

function valuesOf(
  lines: readonly FigureRow[],
  scenario: string,
  scale: TimeScale,
): readonly ChartSpec[] {
  const styles = policyStyles(lines.map(({ policy }) => policy));
  const [low] = scale.domainMs;
  const at = (ms: number | null): number | null => (ms === null ? null : Math.max(ms, low));
  return lines.map(({ policy, figure, killAtMs, says }) => ({
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
}

const COLOR = { field: 'color', type: 'nominal', scale: null };

/** From the shortest to the longest run, the middle one, and SIGKILL. */
function bars(x: ChartSpec, inRow: ChartSpec): ChartSpec[] {
  return [
    {
      transform: [{ filter: 'isValid(datum.maxMs)' }],
      mark: { type: 'bar', height: 7, opacity: 0.35, minBandSize: 2 },
      encoding: {
        x: { ...x, field: 'minMs' },
        x2: { field: 'maxMs' },
        color: COLOR,
        tooltip: { field: 'title', type: 'nominal' },
        description: { field: 'title' },
        ...inRow,
      },
    },
    {
      transform: [{ filter: 'isValid(datum.p50Ms)' }],
      mark: { type: 'tick', thickness: 2.5, height: 11, aria: false },
      encoding: { x, color: COLOR, ...inRow },
    },
    {
      transform: [{ filter: 'isValid(datum.killAtMs)' }],
      mark: { type: 'point', shape: CROSS, filled: true, size: 70, color: INK.alarm, aria: false },
      encoding: { x: { ...x, field: 'killAtMs' }, ...inRow },
    },
  ];
}

/** Beside each bar, or on a phone above it. */
function words(width: number, isNarrow: boolean): ChartSpec[] {
  const text = { type: 'text', align: 'left', baseline: 'middle', aria: false };
  const says = { field: 'says', type: 'nominal' };
  const ink = { condition: { test: 'datum.isAlarm', value: INK.alarm }, value: INK.muted };
  if (!isNarrow) {
    return [{ mark: text, encoding: { x: { value: width + 12 }, text: says, color: ink } }];
  }
  return [
    {
      mark: { ...text, dy: -14 },
      encoding: {
        x: { value: 0 },
        text: { field: 'policy', type: 'nominal' },
        color: COLOR,
      },
    },
    {
      mark: { ...text, fontSize: FONT_SIZE.small },
      encoding: { x: { value: 0 }, text: says, color: ink },
    },
  ];
}
