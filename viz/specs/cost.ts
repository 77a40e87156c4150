/** What a bound costs: B over the packets a policy sends each hour on a connection that is well. */
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { boundOf } from '../data/cells.ts';
import { formatList } from '../../text/lists.ts';
import { formatBound, formatCount, formatRound, plural } from '../../text/numbers.ts';
import { framed, logScale, type Layout } from '../theme/theme.ts';
import type { Chart, Provenance } from '../data/types.ts';
import { namesOrCount } from '../theme/words.ts';
import { scatterBody, type ScatterPoint } from './scatter.ts';

/** A chart of B over cost for one fault scenario, or undefined when the comparison has nothing to compare in it. */
export function costChart(
  comparison: Comparison,
  scenario: string,
  provenance: Provenance,
  layout: Layout,
): Chart | undefined {
  const rows = comparison.rows.filter((row) => row.scenario === scenario && row.kind === 'fault');
  if (rows.length < 2) return undefined;
  const points = rows.flatMap(pointOf);
  const title = finding(scenario, rows);
  const description = `Bound B on a ghost's life over packets per hour, scenario ${scenario}, one point per policy.`;
  const without = rows.filter((row) => pointOf(row).length === 0).map(({ policy }) => policy);
  const reading =
    `${scenario}: low is quick, left is cheap` +
    (without.length === 0 ? '' : `; not in the plane, as B is not proved: ${formatList(without)}`);
  const bounds = points.flatMap(({ y }) => (y === null ? [] : [y]));
  const costs = points.flatMap(({ x }) => (x === null ? [] : [x]));
  const maxTicks = layout.name === 'narrow' ? 5 : 10;
  const scale = logScale(Math.min(30_000, ...bounds), Math.max(60_000, ...bounds), maxTicks);
  const low = 10 ** Math.floor(Math.log10(Math.min(1, ...costs)));
  const high = Math.max(1_000, ...costs) * 2;
  const spec = framed(
    { title, reading, provenance, layout, description },
    scatterBody(
      points,
      {
        field: 'packetsPerHour',
        title: 'packets per hour that the policy causes',
        domain: [low, high],
        ticks: decades(low, high),
        label: formatCount,
        ...(costs.length < points.length ? { band: { at: 'low', label: 'none' } } : {}),
      },
      {
        field: 'boundMs',
        title: 'B: longest life of a ghost',
        domain: scale.domainMs,
        ticks: scale.ticksMs,
        label: formatRound,
        ...(bounds.length < points.length ? { band: { at: 'high', label: 'unbounded' } } : {}),
      },
      layout,
    ),
  );
  return { name: `cost-${scenario}`, title, reading, description, spec };
}

function pointOf(row: ComparisonRow): readonly ScatterPoint[] {
  const bound = boundOf(row);
  if (bound.kind === 'not-proved') return [];
  const { packetsPerHour } = row.cost;
  const y = bound.kind === 'finite' ? bound.ms : null;
  return [
    {
      policy: row.policy,
      x: packetsPerHour > 0 ? packetsPerHour : null,
      y,
      says: `B ${formatBound(y)} for ${plural(packetsPerHour, 'packet')} an hour`,
    },
  ];
}

/** Powers of ten above the low end, where the band's own label stands. */
function decades(low: number, high: number): readonly number[] {
  const ticks: number[] = [];
  for (let tick = low * 10; tick <= high; tick *= 10) ticks.push(tick);
  return ticks;
}

/** The sentence a reader should take away: what the lowest and the cheapest bound are paid with. */
export function finding(scenario: string, rows: readonly ComparisonRow[]): string {
  const bounded = rows
    .flatMap(pointOf)
    .flatMap(({ policy, x, y, says }) => (y === null ? [] : [{ policy, x: x ?? 0, y, says }]));
  const [lowest] = bounded.toSorted((a, b) => a.y - b.y || a.x - b.x);
  const [cheapest] = bounded.toSorted((a, b) => a.x - b.x || a.y - b.y);
  if (lowest === undefined || cheapest === undefined) {
    return `${scenario}: no policy here has a proved bound on the life of a ghost, at any cost`;
  }
  const say = (point: typeof lowest): string => {
    const same = bounded.filter(({ x, y }) => x === point.x && y === point.y);
    const names = namesOrCount(
      same.map(({ policy }) => policy),
      rows.length,
    );
    return `${point.says} (${names})`;
  };
  return lowest === cheapest
    ? `${scenario}: ${say(lowest)}`
    : `${scenario}: ${say(lowest)}; ${say(cheapest)}`;
}
