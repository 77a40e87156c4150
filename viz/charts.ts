/** Which charts a report has, in reading order, and how they are laid out for a desk and for a phone. */
import type { Comparison, ComparisonRow } from '../model/results/types.ts';
import { costChart } from './specs/cost.ts';
import { detectionCharts } from './specs/detection.ts';
import { fleetCharts } from './specs/fleet.ts';
import { gridChart } from './specs/grid.ts';
import { tailChart } from './specs/tail.ts';
import { timelineChart } from './specs/timeline.ts';
import { tradeoffChart, twinsOf } from './specs/tradeoff.ts';
import { WIDE, type Layout } from './theme/theme.ts';
import type { Chart, Provenance, ReportInput } from './data/types.ts';

/** The charts of a report by what they tell. */
export interface ReportCharts {
  /** All policies on all faults, then on all living peers. */
  readonly overview: readonly Chart[];
  /** Single runs, in the order of the input. */
  readonly timelines: readonly Chart[];
  /** B over T, then B over cost. */
  readonly planes: readonly Chart[];
  /** How long ghosts live: one per fault, equal ones together. */
  readonly detection: readonly Chart[];
  /** The same where it is rare: of one fault, or of one policy. */
  readonly tails: readonly Chart[];
  /** Stories of many connections. */
  readonly fleet: readonly Chart[];
}

/** Faults whose story is the one connection: the others have charts of their own. */
function singleFaults({ comparison, scenarios }: ReportInput): readonly string[] {
  const fleets = new Set(
    scenarios
      .filter(({ story }) => story.kind !== 'connection' && story.kind !== 'pool')
      .map(({ name }) => name),
  );
  return scenariosOf(comparison).filter((scenario) => !fleets.has(scenario));
}

/** Faults in the order in which the rows first name them. */
function scenariosOf({ rows }: Comparison): readonly string[] {
  return [...new Set(rows.flatMap((row) => (row.kind === 'fault' ? [row.scenario] : [])))];
}

/** The rows whose tail is drawn: of one policy all faults, of several the fault that most of them find. */
function tailRows({ rows }: Comparison, faults: readonly string[]): readonly ComparisonRow[] {
  const own = rows.filter(({ kind, scenario }) => kind === 'fault' && faults.includes(scenario));
  if (new Set(own.map(({ policy }) => policy)).size === 1) return own;
  const finders = (scenario: string): number =>
    own.filter((row) => row.scenario === scenario && row.ghostQuantilesMs.length > 1).length;
  const [most] = faults.toSorted((a, b) => finders(b) - finders(a));
  return own.filter(({ scenario }) => scenario === most);
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
    return count === 1 ? chart : { ...chart, name: `${chart.name}-${count}` };
  });
}

/** Makes every chart that the input has data for. */
export function reportCharts(input: ReportInput, layout: Layout): ReportCharts {
  const { comparison, version } = input;
  const provenance: Provenance = { seed: comparison.seed, runs: comparison.runs, version };
  const faults = singleFaults(input);
  // What a policy costs hardly depends on the fault that is yet to come: one chart says it.
  const costScenario = faults.includes('vanish-idle') ? 'vanish-idle' : faults[0];
  const tradeoffs = twinsOf(input.scenarios).flatMap((twins) =>
    present(tradeoffChart(comparison, twins, provenance, layout)),
  );
  const cost =
    costScenario === undefined
      ? []
      : present(costChart(comparison, costScenario, provenance, layout));
  return {
    overview: (['fault', 'live'] as const).flatMap((kind) =>
      present(gridChart(comparison, kind, provenance, layout)),
    ),
    timelines: distinct(
      input.timelines.map((timeline) => timelineChart(timeline, version, layout)),
    ),
    planes: [...tradeoffs, ...cost],
    detection: detectionCharts(comparison, faults, provenance, layout),
    tails: present(tailChart(tailRows(comparison, faults), provenance, layout)),
    fleet: input.scenarios.flatMap((scenario) => fleetCharts(input, scenario, provenance, layout)),
  };
}

/**
 * Every chart of a report as one list, each to become a file of its own.
 *
 * @param input what the report is made of
 * @returns charts with unique names, in reading order
 * @example
 * const policies = [presets['alive-flag-sweep'], presets['none']];
 * const faults = [scenarios['vanish-idle']];
 * const comparison = compare({ policies, scenarios: faults, runs: 10, seed: '1' });
 * const run = simulate(policies[0], faults[0], { seed: '1', trace: true });
 * const command = 'ghostbound report --seed 1 --runs 10';
 * const charts = chartFiles({
 *   version: '1.0.0', findings: [], comparison, policies, scenarios: faults,
 *   timelines: [{ run, boundMs: null }], fleetRuns: [], bounds: [], command,
 * });
 * charts.some(({ name }) => name === 'detection-vanish-idle') // => true
 * JSON.parse(JSON.stringify(charts[0].spec)) // => charts[0].spec
 */
export function chartFiles(input: ReportInput): readonly Chart[] {
  return inOrder(reportCharts(input, WIDE));
}

/** The charts in reading order. */
export function inOrder(charts: ReportCharts): readonly Chart[] {
  return [
    ...charts.overview,
    ...charts.timelines,
    ...charts.planes,
    ...charts.detection,
    ...charts.tails,
    ...charts.fleet,
  ];
}
