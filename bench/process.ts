/** What this process has taken so far. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Processor time, µs: a neighbour's work is not in it. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

let collect: (() => void) | undefined;

/** What the process holds, in and outside the heap, once nothing is left to collect. */
export function heldBytes(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
