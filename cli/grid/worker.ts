/** A worker thread: takes orders on the grid it was started with, and answers them one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../model/assert.ts';
import { carryOut, type Order, type WorkGrid } from './work.ts';

const port = parentPort;
assert(port !== null, 'runs as a worker thread only');
const grid = workerData as WorkGrid;
port.on('message', (order: Order) => port.postMessage(carryOut(grid, order)));
