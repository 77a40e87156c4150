/**
 * What all charts share: font, inks, title block, and a time axis whose ticks are durations people
 * say (10 s, 1 min, 15 min) rather than powers of ten.
 */
import { formatRound, plural } from '../../text/numbers.ts';
import { INK } from './palette.ts';
import { wrapText } from '../../text/font-width.ts';
import type { ChartSpec, Json, Provenance } from '../data/types.ts';

/** The shipped font first; the others are there for files opened where it is not installed. */
export const FONT = "Inter, 'Helvetica Neue', Arial, sans-serif";

export const FONT_SIZE = { title: 15, text: 12, small: 11 } as const;

const CONFIG: ChartSpec = {
  font: FONT,
  view: { stroke: null },
  axis: {
    labelColor: INK.muted,
    titleColor: INK.text,
    labelFontSize: FONT_SIZE.small,
    titleFontSize: FONT_SIZE.text,
    titleFontWeight: 'normal',
    labelLimit: 0,
    titleLimit: 0,
    titlePadding: 10,
    gridColor: INK.grid,
    domainColor: INK.line,
    tickColor: INK.line,
    labelFlush: false,
  },
  legend: { labelColor: INK.muted, titleColor: INK.text },
  text: { color: INK.text, fontSize: FONT_SIZE.text, font: FONT },
  title: {
    anchor: 'start',
    frame: 'bounds',
    color: INK.text,
    fontSize: FONT_SIZE.title,
    fontWeight: 'bold',
    lineHeight: 20,
    subtitleColor: INK.muted,
    subtitleFontSize: FONT_SIZE.small,
    subtitleFontWeight: 'normal',
    subtitleLineHeight: 16,
    subtitlePadding: 4,
    offset: 14,
  },
};

/** A vega symbol: an upright cross turned by 45 degrees. */
export const CROSS =
  'M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z';

/** How much room a chart is laid out for: the same chart is drawn for a desk and for a phone. */
export interface Layout {
  readonly name: 'wide' | 'narrow';
  /** Width of all that is drawn, without the padding around it. */
  readonly widthPx: number;
  readonly paddingPx: number;
}

export const WIDE: Layout = { name: 'wide', widthPx: 868, paddingPx: 16 };
/** 390 px of a phone, less the page's own margins. */
export const NARROW: Layout = { name: 'narrow', widthPx: 338, paddingPx: 6 };

/** The head of every chart: its finding, how to read it, and what it takes to get the same again. */
export interface Frame {
  readonly title: string;
  readonly reading: string;
  readonly provenance: Provenance;
  readonly layout: Layout;
  readonly description: string;
}

/** `seed 1 · 1,000 runs per cell · ghostbound 0.1.0` */
function provenanceLine({ seed, runs, version }: Provenance): string {
  const many = runs === undefined ? 'one run' : `${plural(runs, 'run')} per cell`;
  return `seed ${seed} · ${many} · ghostbound ${version}`;
}

/** Puts the head on a chart's body. */
export function framed(frame: Frame, body: ChartSpec): ChartSpec {
  const subtitle = [frame.reading, provenanceLine(frame.provenance)].flatMap((line) =>
    wrapText(line, frame.layout.widthPx, FONT_SIZE.small),
  );
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: frame.description,
    background: 'white',
    padding: frame.layout.paddingPx,
    title: {
      text: wrapText(frame.title, frame.layout.widthPx, FONT_SIZE.title, true),
      subtitle,
    },
    config: CONFIG,
    ...body,
  };
}

const S = 1_000;
const MIN = 60_000;
const H = 3_600_000;

/** The durations a logarithmic axis may be labelled with; neighbours are at most threefold apart. */
const LOG_TICKS_MS: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  S,
  2 * S,
  5 * S,
  10 * S,
  20 * S,
  30 * S,
  MIN,
  2 * MIN,
  5 * MIN,
  15 * MIN,
  30 * MIN,
  H,
  2 * H,
  4 * H,
  12 * H,
  24 * H,
  72 * H,
  168 * H,
  480 * H,
  1_440 * H,
];

/** The distances between the ticks of a linear axis. */
const LINEAR_STEPS_MS: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  S,
  2 * S,
  5 * S,
  10 * S,
  15 * S,
  30 * S,
  MIN,
  2 * MIN,
  5 * MIN,
  10 * MIN,
  15 * MIN,
  30 * MIN,
  H,
  2 * H,
  6 * H,
  12 * H,
  24 * H,
];

/** A spread wider than this is drawn on a logarithmic axis. */
const LINEAR_SPREAD = 6;

/** A time axis made for some values: its scale, and its ticks with their words. */
export interface TimeScale {
  readonly type: 'log' | 'linear';
  readonly domainMs: readonly [number, number];
  readonly ticksMs: readonly number[];
}

/** Chooses a time axis that holds all values with some air; `maxTicks` is how many labels fit. */
export function timeScale(valuesMs: readonly number[], maxTicks: number): TimeScale {
  const positive = valuesMs.map((ms) => Math.max(ms, 1));
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  return positive.length > 0 && high / low > LINEAR_SPREAD
    ? logScale(low, high, maxTicks)
    : linearScale(0, positive.length > 0 ? high : 60 * S, maxTicks);
}

/** A logarithmic axis over at least [low, high]. */
export function logScale(lowMs: number, highMs: number, maxTicks: number): TimeScale {
  const domainMs = [lowMs / 1.2, highMs * 1.2] as const;
  const inside = LOG_TICKS_MS.filter((ms) => ms >= domainMs[0] && ms <= domainMs[1]);
  return { type: 'log', domainMs, ticksMs: thinned(inside, maxTicks, domainMs) };
}

/** Drops ticks that would sit closer than the room for a label. */
function thinned(
  ticks: readonly number[],
  maxTicks: number,
  [low, high]: readonly [number, number],
): readonly number[] {
  const gap = Math.log(high / low) / maxTicks;
  const kept: number[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    if (last === undefined || Math.log(tick / last) >= gap) kept.push(tick);
  }
  return kept;
}

/** A linear axis over at least [low, high]. */
export function linearScale(lowMs: number, highMs: number, maxTicks: number): TimeScale {
  const air = (highMs - lowMs) * 0.04;
  const domainMs = [lowMs < 0 ? lowMs - air : lowMs, highMs + air] as const;
  const spread = domainMs[1] - domainMs[0];
  const step =
    LINEAR_STEPS_MS.find((ms) => spread / ms <= maxTicks) ??
    24 * H * Math.ceil(spread / (24 * H) / maxTicks);
  const ticksMs: number[] = [];
  for (let k = Math.ceil(domainMs[0] / step); k * step <= domainMs[1]; k++) ticksMs.push(k * step);
  return { type: 'linear', domainMs, ticksMs };
}

/** The `scale` of an encoding. */
export function scaleOf(scale: TimeScale): ChartSpec {
  const zero: ChartSpec = scale.type === 'linear' ? { zero: false } : {};
  return { type: scale.type, domain: [...scale.domainMs], nice: false, ...zero };
}

/** The `axis` of an encoding, its labels spelt out tick by tick. */
export function timeAxis(scale: TimeScale, title: string, options: ChartSpec = {}): ChartSpec {
  return {
    title,
    values: [...scale.ticksMs],
    labelExpr: labelByValue(scale.ticksMs, (ms) =>
      ms < 0 ? `–${formatRound(-ms)}` : formatRound(ms),
    ),
    labelOverlap: false,
    ...options,
  };
}

/** A vega expression that gives each tick its own words. */
export function labelByValue(values: readonly number[], label: (value: number) => string): string {
  const cases = values.map(
    (value) => `datum.value === ${value} ? ${JSON.stringify(label(value))} : `,
  );
  return `${cases.join('')}''`;
}

/** A layer with data of its own, so that an annotation is drawn once and not once per row. */
export function annotation(
  values: readonly ChartSpec[],
  mark: ChartSpec,
  encoding: Json,
): ChartSpec {
  return { data: { values }, mark, encoding };
}
