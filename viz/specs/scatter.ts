/**
 * Policies as points on two logarithmic axes. In the plane stand data and nothing else: a number beside each
 * point leads to the list of names beside the plane. A value that no finite axis holds (unbounded, zero) has a
 * marked band of its own at the edge. Policies with the same two values are one point.
 */
import type { Box } from '../theme/labels.ts';
import { INK, policyStyles, type PolicyStyle } from '../theme/palette.ts';
import { annotation, labelByValue, type Layout } from '../theme/theme.ts';
import type { ChartSpec } from '../data/types.ts';
import { list, withList, type ListEntry } from './list.ts';
import { numbersBeside } from './numbers.ts';

const BAND_PX = 46;
/** Points closer than this, of which the same is said, are one. */
const SAME_SPOT_PX = 1;

/** One policy's place: null = the band at that axis's edge. */
export interface ScatterPoint {
  readonly policy: string;
  readonly x: number | null;
  readonly y: number | null;
  /** Its two values in words. */
  readonly says: string;
}

/** A logarithmic axis with an optional band for the values it cannot hold. */
export interface ScatterAxis {
  /** Name of the field in the data, with its unit last. */
  readonly field: string;
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

/** Size of the plane. */
export function planeOf(layout: Layout): { readonly width: number; readonly height: number } {
  return layout.name === 'narrow' ? { width: 250, height: 280 } : { width: 470, height: 400 };
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

/** The data value at a pixel. */
function valueAt(px: number, { domain, lengthPx }: Placed): number {
  return domain[0] * (domain[1] / domain[0]) ** (px / lengthPx);
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
      aria: false,
    },
  };
}

/** Policies on one spot, under one number. */
interface Spot {
  readonly points: readonly ScatterPoint[];
  readonly x: number;
  readonly y: number;
  readonly xPx: number;
  readonly yPx: number;
}

/** Spots in the order of their values: y, then x. */
function spotsOf(points: readonly ScatterPoint[], x: Placed, y: Placed): readonly Spot[] {
  const spots: Spot[] = [];
  const at = (point: ScatterPoint) => ({ x: point.x ?? x.bandValue, y: point.y ?? y.bandValue });
  const order = points.toSorted((a, b) => at(a).y - at(b).y || at(a).x - at(b).x);
  for (const point of order) {
    const value = at(point);
    const xPx = pixel(value.x, x);
    const yPx = y.lengthPx - pixel(value.y, y);
    const index = spots.findIndex(
      (spot) =>
        spot.points[0]?.says === point.says &&
        Math.hypot(spot.xPx - xPx, spot.yPx - yPx) < SAME_SPOT_PX,
    );
    const known = spots[index];
    if (known === undefined) spots.push({ ...value, xPx, yPx, points: [point] });
    else spots[index] = { ...known, points: [...known.points, point] };
  }
  return spots;
}

/** What lies behind the points. */
export interface Background {
  readonly layers: (
    x: ChartSpec,
    y: ChartSpec,
    high: readonly [number, number],
  ) => readonly ChartSpec[];
  /** Whether a place, in data units, is ground that no text may touch. */
  readonly forbids: (x: number, y: number) => boolean;
}

/** The plane with its points and the list of names, beside it or, on a phone, below it. */
export function scatterBody(
  points: readonly ScatterPoint[],
  xAxis: ScatterAxis,
  yAxis: ScatterAxis,
  layout: Layout,
  background?: Background,
): ChartSpec {
  const plane = planeOf(layout);
  const x = widened(xAxis, plane.width);
  const y = widened(yAxis, plane.height);
  const spots = spotsOf(points, x, y);
  const styles = policyStyles(points.map(({ policy }) => policy));
  const xEncoding = encodingOf(x, xAxis.field);
  const yEncoding = encodingOf(y, yAxis.field);
  const drawn = {
    ...plane,
    layer: [
      ...bands(x, y),
      ...(background?.layers({ ...xEncoding, field: 'x' }, { ...yEncoding, field: 'y' }, [
        x.domain[1],
        y.border,
      ]) ?? []),
      ...numbers(spots, x, y, background),
      marks(spots, styles, x, y, xEncoding, yEncoding),
    ],
  };
  return withList(drawn, list(entriesOf(spots, styles), layout, plane.height), layout);
}

function bands(x: Placed, y: Placed): ChartSpec[] {
  const shade = { type: 'rect', color: INK.grid, opacity: 0.55, aria: false };
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

function lookOf(spot: Spot, styles: ReadonlyMap<string, PolicyStyle>): PolicyStyle | undefined {
  return spot.points.length === 1 ? styles.get(spot.points[0]?.policy ?? '') : undefined;
}

const RAW_COLOR = { field: 'color', type: 'nominal', scale: null };
const RAW_SHAPE = { field: 'shape', type: 'nominal', scale: null };

function marks(
  spots: readonly Spot[],
  styles: ReadonlyMap<string, PolicyStyle>,
  x: Placed,
  y: Placed,
  xEncoding: ChartSpec,
  yEncoding: ChartSpec,
): ChartSpec {
  const values = spots.map((spot, index) => {
    const look = lookOf(spot, styles);
    const policies = spot.points.map(({ policy }) => policy).join(', ');
    const says = spot.points[0]?.says ?? '';
    return {
      number: index + 1,
      policy: policies,
      [x.axis.field]: spot.x,
      [y.axis.field]: spot.y,
      says,
      title: `${policies}: ${says}`,
      color: look?.color ?? INK.text,
      shape: look?.shape ?? 'circle',
    };
  });
  return annotation(
    values,
    { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'white', strokeWidth: 1 },
    {
      x: xEncoding,
      y: yEncoding,
      color: RAW_COLOR,
      shape: RAW_SHAPE,
      tooltip: [
        { field: 'policy', type: 'nominal' },
        { field: 'says', type: 'nominal' },
      ],
      description: { field: 'title' },
    },
  );
}

/** The number of each spot, beside it; a hair line leads to a number that found no room next to its spot. */
function numbers(
  spots: readonly Spot[],
  x: Placed,
  y: Placed,
  background: Background | undefined,
): ChartSpec[] {
  const plot: Box = { x: 0, y: 0, width: x.lengthPx, height: y.lengthPx };
  const forbids = ({ x: left, y: top, width, height }: Box): boolean =>
    background?.forbids(valueAt(left + width + 2, x), valueAt(y.lengthPx - top - height - 2, y)) ===
    true;
  const at = { x: encodingOf(x, 'x'), y: encodingOf(y, 'y') };
  const { layer, places } = numbersBeside(
    spots.map(({ xPx, yPx }) => ({ x: xPx, y: yPx })),
    plot,
    { encoding: at.x, field: 'x', valueAt: (px) => valueAt(px, x) },
    { encoding: at.y, field: 'y', valueAt: (px) => valueAt(y.lengthPx - px, y) },
    forbids,
  );
  return [
    annotation(
      spots.flatMap((spot, index) => leader(spot, places[index], x, y)),
      { type: 'rule', color: INK.line, strokeWidth: 0.75, aria: false },
      { ...at, x2: { field: 'x2' }, y2: { field: 'y2' } },
    ),
    layer,
  ];
}

/** From the spot to the nearest point of its number, where that is further than a letter away. */
function leader(spot: Spot, box: Box | undefined, x: Placed, y: Placed): ChartSpec[] {
  if (box === undefined) return [];
  const toX = Math.min(Math.max(spot.xPx, box.x - 1), box.x + box.width + 1);
  const toY = Math.min(Math.max(spot.yPx, box.y), box.y + box.height);
  if (Math.hypot(toX - spot.xPx, toY - spot.yPx) < 14) return [];
  return [
    {
      x: spot.x,
      y: spot.y,
      x2: valueAt(toX, x),
      y2: valueAt(y.lengthPx - toY, y),
    },
  ];
}

/** What the numbers mean: the names under each, then its two values. */
function entriesOf(
  spots: readonly Spot[],
  styles: ReadonlyMap<string, PolicyStyle>,
): readonly ListEntry[] {
  return spots.map(({ points }) => ({
    names: points.map(({ policy }) => ({
      name: policy,
      color: styles.get(policy)?.color ?? INK.text,
    })),
    says: points.slice(0, 1).map(({ says }) => says),
  }));
}
