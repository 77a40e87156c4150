/** A run as lines of JSON: the first says what ran and how it ended, each further one is an event. */
import type { RunResult } from '../../model/results/types.ts';

/** The whole file. */
export function runToNdjson(run: RunResult): string {
  const { events, ...head } = run;
  return [head, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}
