/** A worker thread of the pool: takes chunks of the grid it was started with, one at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../model/assert.ts';
import type { Chunk } from '../scenarios/compare/index.ts';
import { playChunk, type WorkerGrid } from './pool.ts';

const port = parentPort;
assert(port !== null, 'runs as a worker thread only');
const grid = workerData as WorkerGrid;
port.on('message', (chunk: Chunk) => port.postMessage(playChunk(grid, chunk)));
