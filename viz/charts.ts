/** Which charts a report has, in reading order. */
import type { Comparison } from '../model/results/types.ts';
import { costChart } from './specs/cost.ts';
import { detectionChart } from './specs/detection.ts';
import { gridChart } from './specs/grid.ts';
import { timelineChart } from './specs/timeline.ts';
import { tradeoffChart, twinsOf } from './specs/tradeoff.ts';
import type { Chart, Provenance, ReportInput } from './types.ts';

/** The charts of a report by what they tell. */
export interface ReportCharts {
  /** All policies on all faults, then on all living peers. */
  readonly overview: readonly Chart[];
  /** How long ghosts live, one per fault scenario. */
  readonly detection: readonly { readonly scenario: string; readonly chart: Chart }[];
  /** B over T. */
  readonly tradeoff: readonly Chart[];
  /** B over cost. */
  readonly cost: readonly Chart[];
  /** Single runs, in the order of the input. */
  readonly timelines: readonly Chart[];
}

/** Scenarios of one kind, in the order in which the rows first name them. */
function scenariosOf({ rows }: Comparison, kind: 'fault' | 'live'): readonly string[] {
  return [...new Set(rows.flatMap((row) => (row.kind === kind ? [row.scenario] : [])))];
}

function present(chart: Chart | undefined): readonly Chart[] {
  return chart === undefined ? [] : [chart];
}

/** Two runs of one policy on one scenario get names of their own: the second ends in `-2`. */
function distinct(charts: readonly Chart[]): readonly Chart[] {
  const seen = new Map<string, number>();
  return charts.map((chart) => {
    const count = (seen.get(chart.name) ?? 0) + 1;
    seen.set(chart.name, count);
    if (count === 1) return chart;
    const { title, description, spec } = chart;
    return { name: `${chart.name}-${count}`, title, description, spec };
  });
}

/** Makes every chart that the input has data for. */
export function reportCharts(input: ReportInput): ReportCharts {
  const { comparison, version } = input;
  const provenance: Provenance = { seed: comparison.seed, runs: comparison.runs, version };
  const faults = scenariosOf(comparison, 'fault');
  // What a policy costs hardly depends on the fault that is yet to come: one chart says it.
  const costScenario = faults.includes('vanish-idle') ? 'vanish-idle' : faults[0];
  return {
    overview: (['fault', 'live'] as const).flatMap((kind) =>
      present(gridChart(comparison, kind, provenance)),
    ),
    detection: faults.flatMap((scenario) =>
      present(detectionChart(comparison, scenario, provenance)).map((chart) => ({
        scenario,
        chart,
      })),
    ),
    tradeoff: twinsOf(input.scenarios).flatMap((twins) =>
      present(tradeoffChart(comparison, twins, provenance)),
    ),
    cost:
      costScenario === undefined ? [] : present(costChart(comparison, costScenario, provenance)),
    timelines: distinct(input.timelines.map((run) => timelineChart(run, version))),
  };
}

/**
 * Every chart of a report as one list, each to become a file of its own.
 *
 * @param input what the report is made of
 * @returns charts with unique names, in reading order
 * @example
 * const policies = [presets['alive-flag-sweep']];
 * const faults = [scenarios['vanish-idle']];
 * const comparison = compare({ policies, scenarios: faults, runs: 10, seed: '1' });
 * const timelines = [simulate(policies[0], faults[0], { seed: '1', trace: true })];
 * const command = 'ghostbound report --seed 1 --runs 10';
 * const charts = chartFiles({
 *   version: '1.0.0', comparison, policies, scenarios: faults, timelines, bounds: [], command,
 * });
 * charts.some(({ name }) => name === 'detection-vanish-idle') // => true
 * JSON.parse(JSON.stringify(charts[0].spec)) // => charts[0].spec
 */
export function chartFiles(input: ReportInput): readonly Chart[] {
  return inOrder(reportCharts(input));
}

/** The charts in reading order. */
export function inOrder(charts: ReportCharts): readonly Chart[] {
  return [
    ...charts.overview,
    ...charts.detection.map(({ chart }) => chart),
    ...charts.tradeoff,
    ...charts.cost,
    ...charts.timelines,
  ];
}
