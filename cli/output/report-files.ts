/** The report page and the single charts, from a comparison to files. */
import { join } from 'node:path';
import { bounds } from '../../model/bounds/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { choiceOf } from '../../model/results/choice.ts';
import type { Comparison, ComparisonRow, RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { simulate } from '../../scenarios/run.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { closingWords, type Closing } from '../../text/standing.ts';
import type { ChartSpec, ReportInput, TimelineInput } from '../../viz/data/types.ts';
import { makeDirectory, writeWhole } from '../files/files.ts';
import { unwrap } from '../arguments/options.ts';
import { packageVersion } from '../terminal/version.ts';

export type ChartFormat = 'svg' | 'png' | 'vega-lite';

export interface ReportSubject {
  readonly comparison: Comparison;
  readonly policies: readonly Policy[];
  readonly scenarios: readonly Scenario[];
  /** Of a policy for whom the stories are others, by its name: those. */
  readonly ownScenarios?: ReadonlyMap<string, readonly Scenario[]>;
  /** Its rows are ends of stacks, between which nobody chooses. */
  readonly isOfStacks?: true;
  readonly seed: bigint;
  /** The policy that the reader runs, where one was named. */
  readonly run: string | undefined;
  /** The command that makes the same report again. */
  readonly command: string;
}

/** How many runs of a cell are played to find the one that shows it. */
const MOST_SEARCHED = 200;

/** The policy that the reader runs, or of the built-in ones the first that finds the first fault. */
function ownPolicy({ comparison, policies, run }: ReportSubject): Policy | undefined {
  const fault = comparison.rows.find(({ kind }) => kind === 'fault')?.scenario;
  const finds = comparison.rows.find(
    ({ scenario, proved, boundMs }) => scenario === fault && proved && boundMs !== null,
  );
  return policies.find(({ name }) => name === (run ?? finds?.policy)) ?? policies[0];
}

/** The stories as they happen to a policy. */
function storiesOf(
  { scenarios, ownScenarios }: ReportSubject,
  { name }: Policy,
): readonly Scenario[] {
  return ownScenarios?.get(name) ?? scenarios;
}

/** What the comparison means for who runs one of the policies. */
function findingsOf({
  comparison: { rows },
  policies,
  run,
  isOfStacks,
}: ReportSubject): readonly Closing[] {
  if (isOfStacks === true) return [];
  const choice = choiceOf(rows, run);
  if (choice === undefined) return [];
  return closingWords(choice, policies.length, { shows: () => true, costs: 'each' });
}

/**
 * Runs that show what matters of one policy: the ghost that it finds latest, one that it never finds, and the living
 * peer that it ends earliest.
 */
function timelinesOf(subject: ReportSubject): TimelineInput[] {
  const { comparison, seed } = subject;
  const policy = ownPolicy(subject);
  if (policy === undefined) return [];
  const scenarios = storiesOf(subject, policy);
  const rows = comparison.rows.filter((row) => row.policy === policy.name);
  const of = (row: ComparisonRow | undefined, score: (run: RunResult) => number) => {
    const scenario = scenarios.find(({ name }) => name === row?.scenario);
    if (row === undefined || scenario === undefined) return [];
    const runs = Math.min(comparison.runs, MOST_SEARCHED);
    const index = bestIndex(runs, (run) => score(simulate(policy, scenario, { seed, run })));
    const run = simulate(policy, scenario, { seed, run: index, trace: true });
    const boundMs = row.kind === 'fault' && row.proved ? row.boundMs : null;
    return [{ run, boundMs, watchMs: watchMs(policy, scenario) }];
  };
  const found = rows.filter(({ kind, ghostMs }) => kind === 'fault' && ghostMs.max !== null);
  const plain = found.find(({ proved, boundMs }) => proved && boundMs !== null) ?? found[0];
  const never = rows.find(({ kind, ghostMs }) => kind === 'fault' && ghostMs.undetected > 0);
  const ended = rows.find(({ endedAlive }) => endedAlive.count > 0);
  return [
    ...of(plain, lifeMs),
    ...of(never, (run) => (run.outcome === 'undetected' ? 1 : 0)),
    ...of(ended, ({ endedAlive }) => (endedAlive === null ? -Infinity : -endedAlive.afterAcceptMs)),
  ];
}

function lifeMs({ faultAtMs, decidedAtMs }: RunResult): number {
  return faultAtMs === null || decidedAtMs === null ? -1 : decidedAtMs - faultAtMs;
}

/** The first of the runs with the greatest score. */
function bestIndex(runs: number, score: (run: number) => number): number {
  let best = 0;
  let greatest = -Infinity;
  for (let run = 0; run < runs; run += 1) {
    const now = score(run);
    if (now <= greatest) continue;
    best = run;
    greatest = now;
  }
  return best;
}

/** Run 0 of every policy on the stories of many connections that are told over time. */
function fleetRunsOf(subject: ReportSubject): RunResult[] {
  const { policies, scenarios, seed } = subject;
  return scenarios
    .filter(({ story }) => !['connection', 'pool', 'drain', 'waiting'].includes(story.kind))
    .flatMap(({ name }) =>
      policies.flatMap((policy) => {
        const scenario = storiesOf(subject, policy).find((one) => one.name === name);
        return scenario === undefined ? [] : [simulate(policy, scenario, { seed })];
      }),
    );
}

/** Everything the page is made of. */
function reportInput(subject: ReportSubject): ReportInput {
  const { comparison, policies, scenarios, command } = subject;
  return {
    version: packageVersion(),
    findings: findingsOf(subject),
    comparison,
    policies,
    scenarios,
    timelines: timelinesOf(subject),
    fleetRuns: fleetRunsOf(subject),
    bounds: policies.flatMap((policy) =>
      storiesOf(subject, policy).map((scenario) => ({
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
  const { renderReport } = await import('../../viz/report.ts');
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
  const { chartFiles } = await import('../../viz/charts.ts');
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
  const { renderPng, renderSvgFile } = await import('../../viz/render.ts');
  return format === 'svg' ? unwrap(await renderSvgFile(spec)) : unwrap(await renderPng(spec));
}
