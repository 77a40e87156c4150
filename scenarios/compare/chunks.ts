/** Splits the grid: ranges of runs per cell, for workers, and a share of the runs per machine. */
import { assert } from '../../model/assert.ts';
import type { Chunk } from './part.ts';

/** Share `index` (from 0) of `count` equal ones. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Small enough to balance cores, large enough that building a world costs nothing beside it. */
const RUNS_PER_CHUNK = 250;

/**
 * Every cell of the grid in chunks, policy by policy, scenario by scenario, run by run.
 *
 * @param shard which share of each cell's runs to play; all of them unless given
 */
export function planChunks(
  policies: number,
  scenarios: number,
  runs: number,
  shard: Shard = { index: 0, count: 1 },
): readonly Chunk[] {
  assert(shard.index >= 0 && shard.index < shard.count, 'a shard is one of its count');
  const from = Math.floor((runs * shard.index) / shard.count);
  const to = Math.floor((runs * (shard.index + 1)) / shard.count);
  const chunks: Chunk[] = [];
  for (let policy = 0; policy < policies; policy += 1) {
    for (let scenario = 0; scenario < scenarios; scenario += 1) {
      for (let firstRun = from; firstRun < to; firstRun += RUNS_PER_CHUNK) {
        const count = Math.min(RUNS_PER_CHUNK, to - firstRun);
        chunks.push({ policy, scenario, firstRun, runs: count });
      }
    }
  }
  return chunks;
}
