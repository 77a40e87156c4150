/**
 * How every property here is tried: the seed of test/support/seed.ts, so many cases, times what test/support/effort.ts says.
 * A failure ends with the line that plays it again.
 */
import { relative } from 'node:path';
import fc, { type Parameters, type RunDetails } from 'fast-check';
import { expect } from 'vitest';
import { root } from '../house/sources.ts';
import { asMany, effortWords } from './effort.ts';
import { SEED } from './seed.ts';

/** The test that runs now, as a command that runs it alone, with the same cases. */
export function replayLine(): string {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const name = currentTestName.replaceAll(' > ', ' ').replace(/[^\w ,.:-]/g, '.');
  return `again: ${effortWords}GHOSTBOUND_SEED=${SEED} npx vitest run ${relative(root, testPath)} -t '${name}'`;
}

function report<T>(run: RunDetails<T>): void {
  if (!run.failed) return;
  const told = fc.defaultReportMessage(run) ?? 'a property failed';
  throw new Error(`${told}\n${replayLine()}`, { cause: run.errorInstance });
}

/** Parameters of `fc.assert` for a property that is tried on `numRuns` cases. */
export function cases<T>(numRuns: number, more: Parameters<T> = {}): Parameters<T> {
  return { ...more, seed: SEED, numRuns: asMany(numRuns), reporter: report };
}
