/**
 * Policies as points on two logarithmic axes, each with its name beside it. A value that no finite
 * axis holds (unbounded, zero) has a marked band of its own at the edge, so no policy is dropped.
 * Policies on the same spot share one mark and one block of names.
 */
import { policyStyles, type PolicyStyle } from '../palette.ts';
import { placeLabels, type Box } from '../labels.ts';
import { textWidthPx } from '../../text/font-width.ts';
import { annotation, FONT_SIZE, INK, labelByValue } from '../theme.ts';
import type { ChartSpec } from '../types.ts';

export const PLOT: Box = { x: 0, y: 0, width: 760, height: 500 };
const BAND_PX = 46;
const LINE_PX = 15;
const KEY_PX = 13;
/** Points closer than this are drawn as one. */
const SAME_SPOT_PX = 7;

/** One policy's place: null = the band at that axis's edge. */
export interface ScatterPoint {
  readonly policy: string;
  readonly x: number | null;
  readonly y: number | null;
}

/** A logarithmic axis with an optional band for the values it cannot hold. */
export interface ScatterAxis {
  readonly title: string;
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly label: (value: number) => string;
  /** Where null goes, and what its band says; absent where no point needs it. */
  readonly band?: { readonly at: 'low' | 'high'; readonly label: string };
}

interface Placed {
  readonly axis: ScatterAxis;
  /** The axis widened by its band, as [low, high] in data units. */
  readonly domain: readonly [number, number];
  /** Data value at which points of the band sit. */
  readonly bandValue: number;
  /** The band's inner border in data units. */
  readonly border: number;
  readonly lengthPx: number;
}

/** Widens the axis so that its band is BAND_PX long. */
function widened(axis: ScatterAxis, lengthPx: number): Placed {
  const [low, high] = axis.domain;
  if (axis.band === undefined) {
    return { axis, domain: axis.domain, bandValue: high, border: high, lengthPx };
  }
  const perPx = Math.log(high / low) / (lengthPx - BAND_PX);
  const stretch = (px: number): number => Math.exp(perPx * px);
  return axis.band.at === 'high'
    ? {
        axis,
        domain: [low, high * stretch(BAND_PX)],
        bandValue: high * stretch(BAND_PX / 2),
        border: high,
        lengthPx,
      }
    : {
        axis,
        domain: [low / stretch(BAND_PX), high],
        bandValue: low / stretch(BAND_PX / 2),
        border: low,
        lengthPx,
      };
}

function pixel(value: number, { domain, lengthPx }: Placed): number {
  return (Math.log(value / domain[0]) / Math.log(domain[1] / domain[0])) * lengthPx;
}

function encodingOf(placed: Placed, field: string): ChartSpec {
  const { axis, domain, bandValue } = placed;
  const values = axis.band === undefined ? axis.ticks : [...axis.ticks, bandValue];
  const label = (value: number): string =>
    value === bandValue && axis.band !== undefined ? axis.band.label : axis.label(value);
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [...domain], nice: false },
    axis: {
      title: axis.title,
      values: [...values],
      labelExpr: labelByValue(values, label),
      labelOverlap: false,
      grid: true,
    },
  };
}

/** Several policies on one spot. */
interface Spot {
  readonly policies: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly xPx: number;
  readonly yPx: number;
}

function spotsOf(points: readonly ScatterPoint[], x: Placed, y: Placed): readonly Spot[] {
  const spots: Spot[] = [];
  for (const point of points) {
    const at = { x: point.x ?? x.bandValue, y: point.y ?? y.bandValue };
    const xPx = pixel(at.x, x);
    const yPx = y.lengthPx - pixel(at.y, y);
    const index = spots.findIndex(
      (spot) => Math.hypot(spot.xPx - xPx, spot.yPx - yPx) < SAME_SPOT_PX,
    );
    const known = spots[index];
    if (known === undefined) spots.push({ ...at, xPx, yPx, policies: [point.policy] });
    else spots[index] = { ...known, policies: [...known.policies, point.policy] };
  }
  return spots;
}

/** What lies behind the points. */
export interface Background {
  readonly layers: (x: ChartSpec, y: ChartSpec) => readonly ChartSpec[];
  /** A line that names keep off, in data units: its two ends. */
  readonly line: readonly [readonly [number, number], readonly [number, number]];
}

/** The layers of a scatter chart: bands, then the background, then points and names. */
export function scatterBody(
  points: readonly ScatterPoint[],
  xAxis: ScatterAxis,
  yAxis: ScatterAxis,
  background?: Background,
): ChartSpec {
  const x = widened(xAxis, PLOT.width);
  const y = widened(yAxis, PLOT.height);
  const xEncoding = encodingOf(x, 'x');
  const yEncoding = encodingOf(y, 'y');
  const spots = spotsOf(points, x, y);
  const styles = policyStyles(points.map(({ policy }) => policy));
  return {
    width: PLOT.width,
    height: PLOT.height,
    layer: [
      ...bands(x, y),
      ...(background?.layers(xEncoding, yEncoding) ?? []),
      ...marks(spots, styles, xEncoding, yEncoding),
      ...names(spots, styles, background === undefined ? [] : alongLine(background.line, x, y)),
    ],
  };
}

function bands(x: Placed, y: Placed): ChartSpec[] {
  const shade = { type: 'rect', color: INK.grid, opacity: 0.55 };
  const [xFrom, xTo] =
    x.axis.band?.at === 'low' ? [x.domain[0], x.border] : [x.border, x.domain[1]];
  return [
    ...(x.axis.band === undefined
      ? []
      : [
          annotation([{ from: xFrom, to: xTo }], shade, {
            x: { ...encodingOf(x, 'from') },
            x2: { field: 'to' },
          }),
        ]),
    ...(y.axis.band === undefined
      ? []
      : [
          annotation([{ from: y.border, to: y.domain[1] }], shade, {
            y: encodingOf(y, 'from'),
            y2: { field: 'to' },
          }),
        ]),
  ];
}

/** The line as a chain of small boxes, for the placing of names. */
function alongLine([from, to]: Background['line'], x: Placed, y: Placed): readonly Box[] {
  const links = 80;
  const [fromX, toX] = [pixel(from[0], x), pixel(to[0], x)];
  const [fromY, toY] = [pixel(from[1], y), pixel(to[1], y)];
  return Array.from({ length: links + 1 }, (_, k) => ({
    x: fromX + ((toX - fromX) * k) / links - 4,
    y: y.lengthPx - fromY - ((toY - fromY) * k) / links - 4,
    width: 8,
    height: 8,
  }));
}

const RAW_COLOR = { field: 'color', type: 'nominal', scale: null };
const RAW_SHAPE = { field: 'shape', type: 'nominal', scale: null };

function marks(
  spots: readonly Spot[],
  styles: ReadonlyMap<string, PolicyStyle>,
  x: ChartSpec,
  y: ChartSpec,
): ChartSpec[] {
  const values = spots.map((spot) => {
    const only = spot.policies.length === 1 ? styles.get(spot.policies[0] ?? '') : undefined;
    return {
      x: spot.x,
      y: spot.y,
      color: only?.color ?? INK.text,
      shape: only?.shape ?? 'circle',
    };
  });
  return [
    annotation(
      values,
      { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'white', strokeWidth: 1 },
      { x, y, color: RAW_COLOR, shape: RAW_SHAPE },
    ),
  ];
}

/** Blocks of names, with a hair line to a spot that is not near; shared spots have a sign per name. */
function names(
  spots: readonly Spot[],
  styles: ReadonlyMap<string, PolicyStyle>,
  obstacles: readonly Box[],
): ChartSpec[] {
  const keyPx = (spot: Spot): number => (spot.policies.length > 1 ? KEY_PX : 0);
  const blocks = spots.map((spot) => ({
    x: spot.xPx,
    y: spot.yPx,
    width:
      keyPx(spot) + Math.max(...spot.policies.map((name) => textWidthPx(name, FONT_SIZE.text))),
    height: LINE_PX * spot.policies.length,
  }));
  const boxes = placeLabels(blocks, PLOT, obstacles);
  const lines = spots.flatMap((spot, index) => {
    const box = boxes[index];
    if (box === undefined) return [];
    return spot.policies.map((name, line) => ({
      x: box.x + 4,
      xText: box.x + keyPx(spot),
      y: box.y + LINE_PX * (line + 0.5),
      words: name,
      shared: spot.policies.length > 1,
      color: styles.get(name)?.color ?? INK.text,
      shape: styles.get(name)?.shape ?? 'circle',
    }));
  });
  const y = pixels('y');
  const text = { type: 'text', align: 'left', baseline: 'middle' };
  const at = { x: pixels('xText'), y, text: { field: 'words' } };
  return [
    annotation(
      spots.flatMap((spot, index) => leader(spot, boxes[index])),
      { type: 'rule', color: INK.line, strokeWidth: 1 },
      { x: pixels('x'), x2: { field: 'x2' }, y, y2: { field: 'y2' } },
    ),
    annotation(lines, { ...text, stroke: 'white', strokeWidth: 3, strokeOpacity: 0.85 }, at),
    annotation(lines, text, { ...at, color: RAW_COLOR }),
    annotation(
      lines.filter(({ shared }) => shared),
      { type: 'point', filled: true, size: 42, opacity: 1 },
      { x: pixels('x'), y, color: RAW_COLOR, shape: RAW_SHAPE },
    ),
  ];
}

/** A field that already holds pixels. */
function pixels(field: string): ChartSpec {
  return { field, type: 'quantitative', scale: null, axis: null };
}

/** From the spot to the nearest point of its block, where that is further than a letter away. */
function leader(spot: Spot, box: Box | undefined): ChartSpec[] {
  if (box === undefined) return [];
  const x2 = Math.min(Math.max(spot.xPx, box.x - 2), box.x + box.width + 2);
  const y2 = Math.min(Math.max(spot.yPx, box.y), box.y + box.height);
  if (Math.hypot(x2 - spot.xPx, y2 - spot.yPx) < 11) return [];
  return [{ x: spot.xPx, y: spot.yPx, x2, y2 }];
}
