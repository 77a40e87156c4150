/**
 * The two numbers against each other: B, how long a ghost may live, over T, how long an outage a
 * living peer survives. No detector can lie below the line B = T: until the outage ends, the
 * living peer and the ghost look the same.
 */
import type { Comparison } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { formatPolicies } from '../../text/lists.ts';
import { formatBound, formatRound, formatTolerance } from '../../text/numbers.ts';
import { annotation, framed, INK, logScale } from '../theme.ts';
import type { Chart, ChartSpec, Provenance } from '../types.ts';
import { PLOT, scatterBody, type ScatterAxis, type ScatterPoint } from './scatter.ts';

/** A fault and its living twin: the same silence under the same load, one for ever, one that ends. */
export interface Twins {
  readonly fault: string;
  readonly live: string;
}

/** Every fault of these scenarios in which packets vanish, with an outage under the same load. */
export function twinsOf(scenarios: readonly Scenario[]): readonly Twins[] {
  return scenarios.flatMap((fault) => {
    if (fault.kind !== 'fault' || fault.fault.kind !== 'vanish') return [];
    if (fault.fault.direction !== 'both' || fault.story.kind !== 'connection') return [];
    if (fault.server.broken !== undefined) return [];
    const live = scenarios.find(
      (other) =>
        other.kind === 'live' &&
        other.silence.kind === 'outage' &&
        JSON.stringify([other.load, other.path]) === JSON.stringify([fault.load, fault.path]),
    );
    return live === undefined ? [] : [{ fault: fault.name, live: live.name }];
  });
}

/** A chart of B over T for one pair of twins, or undefined when no policy has both rows. */
export function tradeoffChart(
  comparison: Comparison,
  twins: Twins,
  provenance: Provenance,
): Chart | undefined {
  const points = pointsOf(comparison, twins);
  if (points.length === 0) return undefined;
  const title = finding(points);
  const description =
    `Bound B on a ghost's life (${twins.fault}) over tolerance T of an outage (${twins.live}), ` +
    `one point per policy, with the physical limit B = T.`;
  const finite = points.flatMap(({ x, y }) => [x, y]).filter((ms) => ms !== null);
  const scale = logScale(
    Math.min(1_000, ...finite.filter((ms) => ms > 0)),
    Math.max(60_000, ...finite),
    16,
  );
  const domain = scale.domainMs;
  const axis = { domain, ticks: scale.ticksMs, label: formatRound };
  const xAxis = points.some(({ x }) => x === 0) ? withZero(axis) : axis;
  const spec = framed(
    {
      title,
      reading: `B of ${twins.fault} over T of an outage under the same load; low is quick, right is gentle`,
      provenance,
      widthPx: PLOT.width,
      description,
    },
    scatterBody(
      points.map((point) => ({ ...point, x: point.x === 0 ? domain[0] : point.x })),
      {
        ...xAxis,
        title: 'T: longest outage a living peer survives',
        ...band(points, 'x', 'any length'),
      },
      { ...axis, title: 'B: longest life of a ghost', ...band(points, 'y', 'unbounded') },
      {
        layers: (x, y) => limit(domain, x, y),
        line: [
          [domain[0], domain[0]],
          [domain[1], domain[1]],
        ],
      },
    ),
  );
  return { name: `bound-against-tolerance-${twins.fault}`, title, description, spec };
}

type Axis = Pick<ScatterAxis, 'domain' | 'ticks' | 'label'>;

/** Zero has no place on a logarithmic axis: it stands at the low end, which then says `0 s`. */
function withZero({ domain, ticks, label }: Axis): Axis {
  const [low] = domain;
  return {
    domain,
    ticks: [low, ...ticks.filter((ms) => ms > 1.5 * low)],
    label: (ms) => label(ms === low ? 0 : ms),
  };
}

function band(
  points: readonly ScatterPoint[],
  side: 'x' | 'y',
  label: string,
): Pick<ScatterAxis, 'band'> {
  return points.some((point) => point[side] === null) ? { band: { at: 'high', label } } : {};
}

function pointsOf(comparison: Comparison, twins: Twins): readonly ScatterPoint[] {
  const live = new Map(
    comparison.rows.filter((row) => row.scenario === twins.live).map((row) => [row.policy, row]),
  );
  return comparison.rows.flatMap((row) => {
    const twin = live.get(row.policy);
    if (row.scenario !== twins.fault || twin === undefined) return [];
    if (!row.proved || !twin.toleranceProved) return [];
    return [{ policy: row.policy, x: twin.toleranceMs, y: row.boundMs }];
  });
}

/** The line B = T and the ground below it, where no detector can be. */
function limit(domain: readonly [number, number], x: ChartSpec, y: ChartSpec): ChartSpec[] {
  const [low, high] = domain;
  const ends = [
    { x: low, y: low, floor: low },
    { x: high, y: high, floor: low },
  ];
  return [
    annotation(
      ends,
      { type: 'area', color: INK.alarm, opacity: 0.07 },
      { x, y, y2: { field: 'floor' } },
    ),
    annotation(ends, { type: 'line', color: INK.alarm, strokeDash: [5, 4] }, { x, y }),
    annotation(
      [{}],
      {
        type: 'text',
        align: 'right',
        color: INK.alarm,
        text: 'no detector can be here: a ghost and an outage look the same until it ends',
      },
      { x: { value: PLOT.width - 60 }, y: { value: PLOT.height - 14 } },
    ),
  ];
}

/** The sentence a reader should take away: who gets the most tolerance out of its bound. */
export function finding(points: readonly ScatterPoint[]): string {
  const impossible = points.filter(({ x, y }) => y !== null && (x === null || x > y));
  if (impossible.length > 0) {
    const names = formatPolicies(impossible.map(({ policy }) => policy));
    return `B lies below T for ${names}, which no detector can do: one of the numbers is wrong`;
  }
  const [best] = points
    .flatMap(({ policy, x, y }) => (x === null || y === null ? [] : [{ policy, x, y }]))
    .toSorted((a, b) => b.x / b.y - a.x / a.y);
  const unbounded = points.filter(({ y }) => y === null).length;
  const rest = unbounded === 0 ? '' : `; ${unbounded} of ${points.length} have no bound at all`;
  if (best === undefined)
    return `No policy here has both a finite bound and a finite tolerance${rest}`;
  const same = points
    .filter(({ x, y }) => x === best.x && y === best.y)
    .map(({ policy }) => policy);
  return (
    `${formatPolicies(same)} ${same.length === 1 ? 'comes' : 'come'} closest to the limit: ghosts live up to ${formatBound(best.y)}, ` +
    `outages up to ${formatTolerance(best.x)} are survived${rest}`
  );
}
