/** A worker thread of the pool: takes orders on the grid it was started with, one at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../model/assert.ts';
import { carryOut, type WorkerGrid, type WorkOrder } from './pool.ts';

const port = parentPort;
assert(port !== null, 'runs as a worker thread only');
const grid = workerData as WorkerGrid;
port.on('message', (order: WorkOrder) => port.postMessage(carryOut(grid, order)));
