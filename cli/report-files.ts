/** The report page and the single charts, from a comparison to files. */
import { join } from 'node:path';
import { bounds } from '../model/bounds/index.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Comparison, RunResult } from '../model/results/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { simulate } from '../scenarios/run.ts';
import type { ChartSpec, ReportInput } from '../viz/types.ts';
import { makeDirectory, writeWhole } from './files.ts';
import { unwrap } from './options.ts';
import { standings } from './text/standing.ts';
import { packageVersion } from './version.ts';

/** Single runs that the page shows: the winner's and that of the one behind it. */
const TIMELINES = 2;

export type ChartFormat = 'svg' | 'png' | 'vega-lite';

export interface ReportSubject {
  readonly comparison: Comparison;
  readonly policies: readonly Policy[];
  readonly scenarios: readonly Scenario[];
  readonly seed: bigint;
  /** The command that makes the same report again. */
  readonly command: string;
}

/** Runs of the best policies on the first scenario that has a ghost. */
function timelinesOf({ comparison, policies, scenarios, seed }: ReportSubject): RunResult[] {
  const scenario = scenarios.find(({ kind }) => kind === 'fault') ?? scenarios[0];
  if (scenario === undefined) return [];
  return standings(comparison)
    .slice(0, TIMELINES)
    .flatMap((standing) => policies.filter(({ name }) => name === standing.policy))
    .map((policy) => simulate(policy, scenario, { seed, trace: true }));
}

/** Everything the page is made of. */
function reportInput(subject: ReportSubject): ReportInput {
  const { comparison, policies, scenarios, command } = subject;
  return {
    version: packageVersion(),
    comparison,
    policies,
    scenarios,
    timelines: timelinesOf(subject),
    bounds: policies.flatMap((policy) =>
      scenarios.map((scenario) => ({
        policy: policy.name,
        scenario: scenario.name,
        bounds: bounds(policy, scenario),
      })),
    ),
    command,
  };
}

/** The smallest chart there is: whoever can draw it can draw all. */
const ONE_POINT: ChartSpec = { data: { values: [{}] }, mark: 'point' };

/**
 * Before the work: fails where charts of this format cannot be drawn.
 *
 * @throws InputError naming the optional package that is missing
 */
export async function checkCharts(format: ChartFormat): Promise<void> {
  await draw(ONE_POINT, format);
}

/**
 * Writes the page.
 *
 * @throws InputError where it cannot be written or an optional package is missing
 */
export async function writeReport(path: string, subject: ReportSubject): Promise<void> {
  const { renderReport } = await import('../viz/report.ts');
  writeWhole(path, unwrap(await renderReport(reportInput(subject))));
}

/**
 * Writes each chart into a directory, which is made where it is missing. All are drawn before the
 * first is written.
 *
 * @returns the paths written
 * @throws InputError where one cannot be written or an optional package is missing
 */
export async function writeCharts(
  directory: string,
  format: ChartFormat,
  subject: ReportSubject,
): Promise<string[]> {
  const { chartFiles } = await import('../viz/charts.ts');
  const files: { readonly path: string; readonly content: string | Uint8Array }[] = [];
  for (const { name, spec } of chartFiles(reportInput(subject))) {
    const extension = format === 'vega-lite' ? 'vl.json' : format;
    files.push({
      path: join(directory, `${name}.${extension}`),
      content: await draw(spec, format),
    });
  }
  makeDirectory(directory);
  for (const { path, content } of files) writeWhole(path, content);
  return files.map(({ path }) => path);
}

async function draw(spec: ChartSpec, format: ChartFormat): Promise<string | Uint8Array> {
  if (format === 'vega-lite') return `${JSON.stringify(spec, null, 2)}\n`;
  const { renderPng, renderSvg } = await import('../viz/render.ts');
  return format === 'svg' ? unwrap(await renderSvg(spec)) : unwrap(await renderPng(spec));
}
