/**
 * The two numbers against each other: B, how long a ghost may live, over T, how long an outage a
 * living peer survives. No detector can lie below the line B = T: until the outage ends, the
 * living peer and the ghost look the same.
 */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { boundOf, toleranceOf } from '../data/cells.ts';
import { formatList } from '../../text/lists.ts';
import { formatBound, formatRound, formatTolerance } from '../../text/numbers.ts';
import { INK } from '../theme/palette.ts';
import { annotation, framed, logScale, type Layout } from '../theme/theme.ts';
import type { Chart, ChartSpec, Provenance } from '../data/types.ts';
import { namesOrCount } from '../theme/words.ts';
import { scatterBody, type ScatterAxis, type ScatterPoint } from './scatter.ts';

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
  layout: Layout,
): Chart | undefined {
  const pairs = pairsOf(comparison, twins);
  if (pairs.length === 0) return undefined;
  const points = pairs.flatMap(pointOf);
  const title = finding(pairs);
  const description =
    `Bound B on a ghost's life (${twins.fault}) over tolerance T of an outage (${twins.live}), ` +
    `one point per policy, with the physical limit B = T.`;
  const without = pairs.filter((pair) => pointOf(pair).length === 0).map(({ policy }) => policy);
  const reading =
    `B of ${twins.fault} over T of an outage under the same load; low is quick, right is gentle; ` +
    `no detector can be on the shaded ground, where B would be below T` +
    (without.length === 0
      ? ''
      : `; not in the plane, as a number is not proved: ${formatList(without)}`);
  const finite = points.flatMap(({ x, y }) => [x, y]).filter((ms) => ms !== null);
  const scale = logScale(
    Math.min(1_000, ...finite.filter((ms) => ms > 0)),
    Math.max(60_000, ...finite),
    layout.name === 'narrow' ? 5 : 10,
  );
  const domain = scale.domainMs;
  const axis = { domain, ticks: scale.ticksMs, label: formatRound };
  const xAxis = points.some(({ x }) => x === 0) ? withZero(axis) : axis;
  const spec = framed(
    { title, reading, provenance, layout, description },
    scatterBody(
      points.map((point) => ({ ...point, x: point.x === 0 ? domain[0] : point.x })),
      {
        ...xAxis,
        field: 'toleranceMs',
        title: 'T: longest outage a living peer survives',
        ...band(points, 'x', 'any'),
      },
      {
        ...axis,
        field: 'boundMs',
        title: 'B: longest life of a ghost',
        ...band(points, 'y', 'unbounded'),
      },
      layout,
      {
        layers: (x, y, end) => limit(domain, end, x, y),
        // A number may stand in the band of the unbounded: there B is above every T.
        forbids: (x, y) => y < Math.min(x, domain[1]) || (y < domain[1] && x > domain[1]),
      },
    ),
  );
  return {
    name: `bound-against-tolerance-${twins.fault}`,
    title,
    reading,
    description,
    spec,
  };
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

/** One policy's two rows. */
export interface Pair {
  readonly policy: string;
  readonly fault: ComparisonRow;
  readonly live: ComparisonRow;
}

function pairsOf(comparison: Comparison, twins: Twins): readonly Pair[] {
  const live = new Map(
    comparison.rows.filter((row) => row.scenario === twins.live).map((row) => [row.policy, row]),
  );
  return comparison.rows.flatMap((fault) => {
    const twin = live.get(fault.policy);
    if (fault.scenario !== twins.fault || twin === undefined) return [];
    return [{ policy: fault.policy, fault, live: twin }];
  });
}

/** The place of a policy; none where one of its numbers is not proved. */
function pointOf({ policy, fault, live }: Pair): readonly ScatterPoint[] {
  const b = boundOf(fault);
  const t = toleranceOf(live);
  if (b.kind === 'not-proved' || t.kind === 'not-proved') return [];
  const y = b.kind === 'finite' ? b.ms : null;
  const x = t.kind === 'finite' ? t.ms : null;
  return [{ policy, x, y, says: `B ${formatBound(y)}, T ${formatTolerance(x)}` }];
}

/** The line B = T and the ground below it, where no detector can be. */
function limit(
  domain: readonly [number, number],
  [endX, endY]: readonly [number, number],
  x: ChartSpec,
  y: ChartSpec,
): ChartSpec[] {
  const [low, high] = domain;
  const ends = [
    { x: low, y: low, floor: low },
    { x: high, y: high, floor: low },
  ];
  const beyond = endX > high ? [{ x: endX, y: endY, floor: low }] : [];
  return [
    annotation(
      [...ends, ...beyond],
      { type: 'area', color: INK.alarm, opacity: 0.07, aria: false },
      { x, y, y2: { field: 'floor' } },
    ),
    annotation(ends, { type: 'line', color: INK.alarm, strokeDash: [5, 4], aria: false }, { x, y }),
  ];
}

/** The sentence a reader should take away: what is paid for what, for the quickest and the gentlest that are bounded. */
export function finding(pairs: readonly Pair[]): string {
  const points = pairs.flatMap(pointOf);
  const impossible = points.filter(({ x, y }) => y !== null && (x === null || x > y));
  if (impossible.length > 0) {
    const names = formatList(impossible.map(({ policy }) => policy));
    return `B lies below T for ${names}, which no detector can do: one of the numbers is wrong`;
  }
  const bounded = points.flatMap(({ policy, x, y }) =>
    x === null || y === null ? [] : [{ policy, x, y }],
  );
  const names = (test: (point: { x: number; y: number }) => boolean): string =>
    namesOrCount(
      bounded.filter(test).map(({ policy }) => policy),
      pairs.length,
    );
  const unbounded = points.filter(({ y }) => y === null).map(({ policy }) => policy);
  const rest =
    unbounded.length === 0 ? '' : `; no bound under ${namesOrCount(unbounded, pairs.length)}`;
  const [first] = bounded.toSorted((a, b) => a.y - b.y || b.x - a.x);
  const [gentlest] = bounded.toSorted((a, b) => b.x - a.x || a.y - b.y);
  if (first === undefined || gentlest === undefined) {
    return `No policy here has both a finite bound and a finite tolerance${rest}`;
  }
  const say = (point: typeof first): string =>
    `${names(({ x, y }) => x === point.x && y === point.y)}: a ghost lives up to ${formatBound(point.y)}, ${point.x === 0 ? 'no outage is sure to be survived' : `an outage below ${formatTolerance(point.x)} is survived`}`;
  return (first === gentlest ? say(first) : `${say(first)}; ${say(gentlest)}`) + rest;
}
