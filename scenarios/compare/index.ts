/** The comparison: policies × scenarios × runs, in one thread or in many. */
import { InputError } from '../../model/issue.ts';
import type { Issue } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Comparison } from '../../model/results/types.ts';
import { stackOnlyIssues } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { parseSeed } from '../../sim/random.ts';
import { planChunks } from './chunks.ts';
import { mergeParts } from './merge.ts';
import { playChunk } from './part.ts';
import type { CellPart } from './part.ts';
import { PlayQueue } from './deduplicate.ts';

export { planChunks } from './chunks.ts';
export type { Shard } from './chunks.ts';
export { mergeParts } from './merge.ts';
export type { Grid } from './merge.ts';
export { playChunk, runChunk } from './part.ts';
export type { CellPart, Chunk, ChunkPlayed } from './part.ts';
export { PlayQueue } from './deduplicate.ts';
export { stateCell, statedOf, Statements } from './stated.ts';
export type { Stated, StatedCell } from './stated.ts';

export interface CompareOptions {
  readonly policies: readonly Policy[];
  readonly scenarios: readonly Scenario[];
  /** Runs per cell, at least 1. */
  readonly runs: number;
  /** 64 bits: decimal or `0x` hexadecimal text, or the number itself. */
  readonly seed: bigint | string;
}

/**
 * Plays every policy on every scenario `runs` times and states, per cell, how long ghosts lived,
 * what was promised, whom the policy killed by mistake, and what it costs.
 *
 * Runs in the calling thread; `planChunks`, `PlayQueue`, `playChunk` and `mergeParts` are the same in
 * pieces, for workers and machines, and give the same bytes for any split.
 *
 * @throws InputError when there is nothing to compare, or the seed is not a 64-bit number
 * @example
 * const { rows } = compare({
 *   policies: [presets['alive-flag-sweep']],
 *   scenarios: [scenarios['vanish-idle']],
 *   runs: 100,
 *   seed: '1',
 * });
 * rows[0].ghostMs.samples // => 100
 * rows[0].boundMs // => 2 * 30_000
 * rows[0].ghostMs.max <= rows[0].boundMs // => true
 */
export function compare(options: CompareOptions): Comparison {
  const { policies, scenarios, runs } = options;
  const seed = parseSeed(options.seed, 'seed');
  const issues = [...emptyInput(options), ...(seed.ok ? [] : seed.issues)];
  if (!seed.ok || issues.length > 0) throw new InputError(issues);
  const chunks = planChunks(policies.length, scenarios.length, runs);
  const queue = new PlayQueue(policies, scenarios, chunks);
  const parts: CellPart[] = [];
  for (let play = queue.next(); play !== undefined; play = queue.next()) {
    const { policy, scenario } = play.chunk;
    const cell = [policies[policy] as Policy, scenarios[scenario] as Scenario] as const;
    parts.push(...queue.played(play, playChunk(...cell, seed.value, play.chunk)));
  }
  return mergeParts({ policies, scenarios, runs, seed: seed.value }, parts);
}

function emptyInput({ policies, scenarios, runs }: CompareOptions): readonly Issue[] {
  const issues: Issue[] = [];
  const empty = (path: string): void => {
    issues.push({ code: 'nothing-given', path, expected: 'at least one', received: '[]' });
  };
  if (policies.length === 0) empty('policies');
  if (scenarios.length === 0) empty('scenarios');
  issues.push(...scenarios.flatMap(stackOnlyIssues));
  if (!Number.isInteger(runs) || runs < 1) {
    const expected = 'a whole number of at least 1';
    issues.push({ code: 'bad-runs', path: 'runs', expected, received: String(runs) });
  }
  return issues;
}
