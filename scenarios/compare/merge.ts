/** Merges parts of a grid, from any number of threads or machines, into rows. */
import { assert } from '../../model/assert.ts';
import { HOUR_US } from '../../model/duration.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison, ComparisonRow } from '../../model/results/types.ts';
import { rhythmOf } from '../../model/rhythm/index.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { DigestSum } from '../../sim/digest.ts';
import { formatSeed } from '../../sim/random.ts';
import { figureKinds } from '../../sim/world/metrics.ts';
import { silenceMs } from '../../sim/world/timeline/plan.ts';
import { nothingIsAsked, warningsOfAll } from '../fidelity.ts';
import { watchOf } from '../watch.ts';
import { addEnded } from './part.ts';
import type { CellPart, EndedBy } from './part.ts';
import { countDistribution, distribution, thinnedMs } from './quantiles.ts';
import { Statements, type Stated } from './stated.ts';

/** What a comparison is about: the grid, without the runs. */
export interface Grid {
  readonly policies: readonly Policy[];
  readonly scenarios: readonly Scenario[];
  /** Runs per cell. */
  readonly runs: number;
  readonly seed: bigint;
  /** What its scenarios were placed in; missing: each is as it was written. */
  readonly environment?: Environment;
}

/**
 * Puts the parts of a grid together. The order of the parts and where the cuts were do not matter.
 *
 * @param parts every run of every cell exactly once; anything else is a bug and fails an assertion
 * @param statements what is stated of its cells, as far as somebody has worked it out
 */
export function mergeParts(
  grid: Grid,
  parts: readonly CellPart[],
  statements = new Statements(grid.policies, grid.scenarios),
): Comparison {
  const cells = new Map<number, CellPart[]>();
  for (const part of parts) {
    const key = part.chunk.policy * grid.scenarios.length + part.chunk.scenario;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [part]);
    else cell.push(part);
  }
  const rows = grid.policies.flatMap((policy, p) =>
    grid.scenarios.map((scenario, s) => {
      const cell = cells.get(p * grid.scenarios.length + s) ?? [];
      cell.sort((a, b) => a.chunk.firstRun - b.chunk.firstRun);
      assertComplete(cell, grid.runs);
      return row(policy, scenario, cell, statements.of({ policy: p, scenario: s }));
    }),
  );
  return {
    schemaVersion: 1,
    seed: formatSeed(grid.seed),
    runs: grid.runs,
    ...(grid.environment !== undefined && { environment: grid.environment }),
    warnings: warningsOfAll(grid.policies, grid.scenarios),
    rows,
  };
}

function assertComplete(cell: readonly CellPart[], runs: number): void {
  let next = 0;
  for (const { chunk } of cell) {
    assert(chunk.firstRun === next, `run ${next} of a cell is missing or there twice`);
    next += chunk.runs;
  }
  assert(next === runs, `a cell has ${next} of its ${runs} runs`);
}

function row(
  policy: Policy,
  scenario: Scenario,
  cell: readonly CellPart[],
  stated: Stated,
): ComparisonRow {
  const ghostUs = ascending(cell, (part) => part.ghostUs);
  const releasedUs = ascending(cell, (part) => part.releasedUs);
  const digests = new DigestSum();
  for (const part of cell) digests.addSum({ a: part.digest[0], b: part.digest[1] });
  return {
    policy: policy.name,
    scenario: scenario.name,
    kind: scenario.kind,
    ghostMs: { ...distribution(ghostUs), undetected: sum(cell, (part) => part.undetected) },
    releasedMs: { ...distribution(releasedUs), unreleased: sum(cell, (part) => part.unreleased) },
    ...stated,
    silenceMs: scenario.kind === 'live' ? silenceMs(scenario.silence) : null,
    falseReaps: {
      count: sum(cell, (part) => part.falseReaps),
      samples: sum(cell, (part) => part.chunk.runs),
    },
    endedAlive: endedAlive(cell),
    closedInOrder: sum(cell, (part) => part.closedInOrder),
    ...coverage(policy, scenario),
    prevented: sum(cell, (part) => part.prevented),
    cost: cost(cell),
    ...(cell.some((part) => part.livesShort) && { livesShort: true as const }),
    ...exhaustion(scenario, cell),
    ...fleet(scenario, cell),
    ...(nothingIsAsked(policy, scenario) && { nothingAsked: true as const }),
    ...rareState(scenario, cell),
    ghostQuantilesMs: thinnedMs(ghostUs),
    digest: digests.hex(),
  };
}

function endedAlive(cell: readonly CellPart[]): ComparisonRow['endedAlive'] {
  const ended = cell
    .reduce<readonly EndedBy[]>((all, part) => addEnded(all, part.endedAlive), [])
    .toSorted((a, b) => b.count - a.count || (a.by < b.by ? -1 : 1));
  return {
    count: ended.reduce((total, { count }) => total + count, 0),
    samples: sum(cell, (part) => part.chunk.runs),
    earliestMs: ended.length === 0 ? null : Math.min(...ended.map((e) => e.earliestUs)) / 1000,
    by: ended.length === 0 ? null : ended.map(({ by }) => by).join(', '),
  };
}

/** What the runs of a cell can speak of: phases and lengths. */
function coverage(
  policy: Policy,
  scenario: Scenario,
): Pick<ComparisonRow, 'covered' | 'notCovered' | 'watchedMs' | 'watchedOut'> {
  const { uncovered } = rhythmOf(policy, scenario);
  const { lengthMs, outlastsAll } = watchOf(policy, scenario);
  return {
    covered: uncovered === null,
    ...(uncovered !== null && { notCovered: uncovered }),
    watchedMs: lengthMs,
    watchedOut: outlastsAll,
  };
}

function exhaustion(
  scenario: Scenario,
  cell: readonly CellPart[],
): Pick<ComparisonRow, 'exhaustionMs'> {
  if (scenario.story.kind !== 'descriptors') return {};
  const sample = ascending(cell, (part) => part.exhaustionUs);
  const never = sum(cell, (part) => part.neverExhausted);
  return { exhaustionMs: { ...distribution(sample), never } };
}

function fleet(scenario: Scenario, cell: readonly CellPart[]): Pick<ComparisonRow, 'fleet'> {
  const kinds = figureKinds(scenario);
  if (kinds.length === 0) return {};
  return {
    fleet: kinds.map(({ name, unit }, i) => {
      const sample = ascending(cell, (part) => part.figures[i] ?? []);
      const figures = unit === 'ms' ? distribution(sample) : countDistribution(sample);
      return { name, unit, ...figures, never: sum(cell, (part) => part.figuresNever[i] ?? 0) };
    }),
  };
}

function rareState(
  { reaches }: Scenario,
  cell: readonly CellPart[],
): Pick<ComparisonRow, 'rareState'> {
  if (reaches === undefined) return {};
  const reached = sum(cell, (part) => part.rareReached);
  return { rareState: { name: reaches, reached, samples: sum(cell, (part) => part.rareSamples) } };
}

function cost(cell: readonly CellPart[]): ComparisonRow['cost'] {
  const livedUs = sum(cell, (part) => part.livedUs);
  const perHour = (count: number): number =>
    livedUs === 0 ? 0 : Math.round((count * HOUR_US * 100) / livedUs) / 100;
  return {
    packetsPerHour: perHour(sum(cell, (part) => part.packets)),
    bytesPerHour: perHour(sum(cell, (part) => part.bytes)),
    wakeupsPerHour: perHour(sum(cell, (part) => part.wakeups)),
  };
}

function ascending(
  cell: readonly CellPart[],
  samples: (part: CellPart) => readonly number[],
): readonly number[] {
  return cell.flatMap((part) => [...samples(part)]).toSorted((a, b) => a - b);
}

function sum(cell: readonly CellPart[], count: (part: CellPart) => number): number {
  return cell.reduce((total, part) => total + count(part), 0);
}
