/**
 * A grid on all cores: chunks go to worker threads as they become free, and what they yield is
 * merged in the order of the grid, so that the result has the same bytes for any number of threads.
 */
import { extname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  planChunks,
  playChunk,
  PlayQueue,
  type CellPart,
  type Chunk,
  type ChunkPlayed,
  type Grid,
  type Play,
  type Shard,
} from '../../scenarios/compare/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { assert } from '../../model/assert.ts';
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';

/** Starting a thread costs as much as some thousands of runs. */
const RUNS_WORTH_A_THREAD = 5_000;

/** What a worker starts with: the grid; orders come one by one. */
export type WorkerGrid = Pick<Grid, 'policies' | 'scenarios' | 'seed'>;

/** A chunk, and how long its ghosts are watched: bounds are computed once, by the thread that merges. */
export interface WorkOrder {
  readonly chunk: Chunk;
  readonly watch: number;
}

function cellOf({ policies, scenarios }: WorkerGrid, chunk: Chunk): readonly [Policy, Scenario] {
  const policy = policies[chunk.policy];
  const scenario = scenarios[chunk.scenario];
  assert(policy !== undefined && scenario !== undefined, 'a chunk lies in its grid');
  return [policy, scenario];
}

function sameCell(a: Chunk, b: Chunk): boolean {
  return a.policy === b.policy && a.scenario === b.scenario;
}

/** Makes orders of chunks. Those of one cell come one after the other, so its bounds are computed once. */
function orderer(grid: WorkerGrid): (chunk: Chunk) => WorkOrder {
  let last: WorkOrder | undefined;
  return (chunk) => {
    const known = last !== undefined && sameCell(last.chunk, chunk) ? last.watch : undefined;
    last = { chunk, watch: known ?? watchMs(...cellOf(grid, chunk)) };
    return last;
  };
}

/** Plays one chunk of a grid. */
export function carryOut(grid: WorkerGrid, { chunk, watch }: WorkOrder): ChunkPlayed {
  return playChunk(...cellOf(grid, chunk), grid.seed, chunk, watch);
}

/** What happens when a play is over; it may put another one into the queue. */
type Played = (play: Play, yielded: ChunkPlayed) => void;

/** One thread: this one. Signals are heard between chunks. */
async function playHere(grid: WorkerGrid, queue: PlayQueue, played: Played): Promise<void> {
  const orderFor = orderer(grid);
  for (let play = queue.next(); play !== undefined; play = queue.next()) {
    played(play, carryOut(grid, orderFor(play.chunk)));
    await nextTurn();
  }
}

/** The worker's file beside this one, compiled or not. */
function workerFile(): URL {
  return new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
}

/** Feeds one worker until the plays run out. */
async function feed(
  worker: Worker,
  queue: PlayQueue,
  orderFor: (chunk: Chunk) => WorkOrder,
  played: Played,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let play: Play | undefined;
    const send = (): void => {
      play = queue.next();
      if (play === undefined) resolve();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      else worker.postMessage(orderFor(play.chunk));
    };
    worker.on('message', (yielded: ChunkPlayed) => {
      assert(play !== undefined, 'a worker answers an order');
      played(play, yielded);
      send();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a worker thread ended early, code ${code}`)));
    send();
  });
}

async function playInThreads(
  grid: WorkerGrid,
  queue: PlayQueue,
  threads: number,
  played: Played,
): Promise<void> {
  const { policies, scenarios, seed } = grid;
  const workerData: WorkerGrid = { policies, scenarios, seed };
  const workers = Array.from({ length: threads }, () => new Worker(workerFile(), { workerData }));
  const orderFor = orderer(grid);
  try {
    await Promise.all(workers.map((worker) => feed(worker, queue, orderFor, played)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/**
 * Plays a grid, or a shard of it.
 *
 * @param jobs how many threads at most; few runs stay in this one
 * @param progress told after each chunk how many runs are done, of how many
 * @param shard which share of each cell's runs
 */
export async function playGrid(
  grid: Grid,
  jobs: number,
  progress: (runsDone: number, runs: number) => void,
  shard: Shard,
): Promise<CellPart[]> {
  const chunks = planChunks(grid.policies.length, grid.scenarios.length, grid.runs, shard);
  const queue = new PlayQueue(grid.policies, grid.scenarios, chunks);
  const total = chunks.reduce((sum, { runs }) => sum + runs, 0);
  const threads = Math.min(jobs, queue.length, Math.ceil(total / RUNS_WORTH_A_THREAD));
  const parts: CellPart[] = [];
  let done = 0;
  const played = (play: Play, yielded: ChunkPlayed): void => {
    const all = queue.played(play, yielded);
    parts.push(...all);
    done += play.chunk.runs * all.length;
    progress(done, total);
  };
  if (threads <= 1) await playHere(grid, queue, played);
  else await playInThreads(grid, queue, threads, played);
  return parts;
}
