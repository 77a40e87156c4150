/** What speed costs: B over the packets a policy sends each hour on a connection that is well. */
import type { Comparison } from '../../model/results/types.ts';
import { formatPolicies } from '../../text/lists.ts';
import { formatBound, formatCount, formatRound, plural } from '../../text/numbers.ts';
import { framed, logScale } from '../theme.ts';
import type { Chart, Provenance } from '../types.ts';
import { PLOT, scatterBody, type ScatterPoint } from './scatter.ts';

/** A chart of B over cost for one fault scenario, or undefined when the comparison lacks it. */
export function costChart(
  comparison: Comparison,
  scenario: string,
  provenance: Provenance,
): Chart | undefined {
  const points = comparison.rows
    .filter((row) => row.scenario === scenario && row.kind === 'fault' && row.proved)
    .map(({ policy, boundMs, cost }) => ({
      policy,
      x: cost.packetsPerHour > 0 ? cost.packetsPerHour : null,
      y: boundMs,
    }));
  if (points.length === 0) return undefined;
  const title = finding(points);
  const description = `Bound B on a ghost's life over packets per hour, scenario ${scenario}, one point per policy.`;
  const bounds = points.flatMap(({ y }) => (y === null ? [] : [y]));
  const costs = points.flatMap(({ x }) => (x === null ? [] : [x]));
  const scale = logScale(Math.min(30_000, ...bounds), Math.max(60_000, ...bounds), 16);
  const low = 10 ** Math.floor(Math.log10(Math.min(1, ...costs)));
  const high = Math.max(1_000, ...costs) * 6;
  const spec = framed(
    {
      title,
      reading: `${scenario}: low is quick, left is cheap`,
      provenance,
      widthPx: PLOT.width,
      description,
    },
    scatterBody(
      points,
      {
        title: 'packets per hour and connection that the policy causes',
        domain: [low, high],
        ticks: decades(low, high),
        label: formatCount,
        ...(costs.length < points.length ? { band: { at: 'low', label: 'none' } } : {}),
      },
      {
        title: 'B: longest life of a ghost',
        domain: scale.domainMs,
        ticks: scale.ticksMs,
        label: formatRound,
        ...(bounds.length < points.length ? { band: { at: 'high', label: 'unbounded' } } : {}),
      },
    ),
  );
  return { name: `cost-${scenario}`, title, description, spec };
}

/** Powers of ten above the low end, where the band's own label stands. */
function decades(low: number, high: number): readonly number[] {
  const ticks: number[] = [];
  for (let tick = low * 10; tick <= high; tick *= 10) ticks.push(tick);
  return ticks;
}

/** The sentence a reader should take away: the quickest policy, and the cheapest that has a bound. */
export function finding(points: readonly ScatterPoint[]): string {
  const bounded = points.flatMap(({ policy, x, y }) =>
    y === null ? [] : [{ policy, x: x ?? 0, y }],
  );
  const [quickest] = bounded.toSorted((a, b) => a.y - b.y || a.x - b.x);
  const [cheapest] = bounded.toSorted((a, b) => a.x - b.x || a.y - b.y);
  if (quickest === undefined || cheapest === undefined) {
    return 'No policy here bounds the life of a ghost, at any cost';
  }
  const say = ({ policy, x, y }: typeof quickest, adjective: string): string =>
    `${formatPolicies([policy])} is ${adjective}: B ${formatBound(y)} for ${plural(x, 'packet')} an hour`;
  return quickest.policy === cheapest.policy
    ? say(quickest, 'quickest and cheapest')
    : `${say(quickest, 'quickest')}; ${say(cheapest, 'cheapest')}`;
}
