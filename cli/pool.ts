/**
 * A grid on all cores: chunks go to worker threads as they become free, and what they yield is
 * merged in the order of the grid, so that the result has the same bytes for any number of threads.
 */
import { extname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  planChunks,
  runChunk,
  type CellPart,
  type Chunk,
  type Grid,
  type Shard,
} from '../scenarios/compare/index.ts';
import { assert } from '../model/assert.ts';

/** Starting a thread costs as much as some thousands of runs. */
const RUNS_WORTH_A_THREAD = 5_000;

/** What a worker starts with: the grid; chunks come one by one. */
export type WorkerGrid = Pick<Grid, 'policies' | 'scenarios' | 'seed'>;

/** Plays one chunk of a grid. */
export function playChunk({ policies, scenarios, seed }: WorkerGrid, chunk: Chunk): CellPart {
  const policy = policies[chunk.policy];
  const scenario = scenarios[chunk.scenario];
  assert(policy !== undefined && scenario !== undefined, 'a chunk lies in its grid');
  return runChunk(policy, scenario, seed, chunk);
}

/** One thread: this one. Signals are heard between chunks. */
async function playHere(
  grid: WorkerGrid,
  chunks: readonly Chunk[],
  played: (part: CellPart) => void,
): Promise<void> {
  for (const chunk of chunks) {
    played(playChunk(grid, chunk));
    await nextTurn();
  }
}

/** The worker's file beside this one, compiled or not. */
function workerFile(): URL {
  return new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
}

/** Feeds one worker until the chunks run out. */
async function feed(
  worker: Worker,
  next: () => Chunk | undefined,
  played: (part: CellPart) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const send = (): void => {
      const chunk = next();
      if (chunk === undefined) resolve();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      else worker.postMessage(chunk);
    };
    worker.on('message', (part: CellPart) => {
      played(part);
      send();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a worker thread ended early, code ${code}`)));
    send();
  });
}

async function playInThreads(
  grid: WorkerGrid,
  chunks: readonly Chunk[],
  threads: number,
  played: (part: CellPart) => void,
): Promise<void> {
  const { policies, scenarios, seed } = grid;
  const workerData: WorkerGrid = { policies, scenarios, seed };
  const workers = Array.from({ length: threads }, () => new Worker(workerFile(), { workerData }));
  const queue = chunks.values();
  const next = (): Chunk | undefined => queue.next().value;
  try {
    await Promise.all(workers.map((worker) => feed(worker, next, played)));
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
  const total = chunks.reduce((sum, { runs }) => sum + runs, 0);
  const threads = Math.min(jobs, chunks.length, Math.ceil(total / RUNS_WORTH_A_THREAD));
  const parts: CellPart[] = [];
  let done = 0;
  const played = (part: CellPart): void => {
    parts.push(part);
    done += part.chunk.runs;
    progress(done, total);
  };
  if (threads <= 1) await playHere(grid, chunks, played);
  else await playInThreads(grid, chunks, threads, played);
  return parts;
}
