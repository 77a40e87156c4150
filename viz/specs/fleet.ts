/**
 * Stories of many connections by what they are about: a quantity over time (descriptors with their limit, ghosts
 * standing, clients served again), or how long something takes (a drain with SIGTERM and SIGKILL, the wait for a seat).
 */
import type { Scenario } from '../../model/scenario/types.ts';
import type { Layout } from '../theme/theme.ts';
import type { Chart, Provenance, ReportInput } from '../data/types.ts';
import { figureChart } from './figure.ts';
import { seriesChart } from './series.ts';

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
