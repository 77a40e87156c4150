/**
 * What stands behind the flags: text from the command line to checked values. Every wrong flag is
 * reported at once, as issues; a verb starts only with values that are all right.
 */
import { availableParallelism } from 'node:os';
import { parseDuration } from '../../model/duration.ts';
import { InputError, type Issue, type Result } from '../../model/issue.ts';
import { didYouMean } from '../../model/spelling.ts';
import { fleetWords, parseFleetLimits, type FleetFlags } from '../checks/fleet.ts';
import type { Thresholds } from '../checks/comparison.ts';

/** More runs than this in one process is a job for several. */
export const MOST_RUNS = 10_000_000;

/** Closer than a millisecond apart in a period of a minute. */
const MOST_PHASES = 100_000;

/** More threads than this only fight for the same cores. */
const MOST_JOBS = 256;

/** Per hour, for each unit that `--max-overhead` takes. */
const PER_HOUR: Readonly<Record<string, number>> = { h: 1, min: 60, s: 3600 };

function wrong<T>(path: string, received: string, expected: string, hint?: string): Result<T> {
  const issue: Issue = {
    code: 'bad-option',
    path,
    received: JSON.stringify(received),
    expected,
    ...(hint !== undefined && { hint }),
  };
  return { ok: false, issues: [issue] };
}

/** A whole number written in decimal digits, from `least` to `most`. */
export function parseWhole(
  text: string,
  flag: string,
  least: number,
  most: number,
): Result<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return { ok: true, value };
  return wrong(flag, text, `a whole number from ${least} to ${most}`);
}

/** `--runs`: how often each cell is run. */
export function parseRuns(text: string): Result<number> {
  return parseWhole(text, '--runs', 1, MOST_RUNS);
}

/** `--phases`: how many points the grid over the common rhythm has, both ends included. */
export function parsePhases(text: string): Result<number> {
  return parseWhole(text, '--phases', 2, MOST_PHASES);
}

/** `--jobs`: how many threads; absent = as many as the process may use. */
export function parseJobs(text: string | undefined): Result<number> {
  if (text === undefined) return { ok: true, value: availableParallelism() };
  return parseWhole(text, '--jobs', 1, MOST_JOBS);
}

/** One word out of a fixed list. */
export function parseChoice<Choice extends string>(
  text: string,
  flag: string,
  choices: readonly Choice[],
): Result<Choice> {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return { ok: true, value: found };
  return wrong(flag, text, `one of ${choices.join(', ')}`, didYouMean(text, choices));
}

/** A result that may be absent: an optional flag that was not given. */
export function optional<T>(
  text: string | undefined,
  parse: (text: string) => Result<T>,
): Result<T | undefined> {
  return text === undefined ? { ok: true, value: undefined } : parse(text);
}

/** `--max-overhead 200/h`: packets per hour and connection. */
export function parseRate(text: string, flag: string): Result<number> {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\/(h|min|s)$/.exec(text);
  const factor = PER_HOUR[match?.[2] ?? ''];
  if (match === null || factor === undefined) {
    const hint = /^\d+$/.test(text) ? `write "${text}/h"` : undefined;
    return wrong(flag, text, 'packets per time such as 200/h, 4/min or 0.5/s', hint);
  }
  return { ok: true, value: Number(match[1]) * factor };
}

export interface ThresholdFlags extends FleetFlags {
  readonly maxGhost?: string;
  readonly maxOverhead?: string;
  /** False when `--no-false-reaps` was given: commander's spelling of a negated flag. */
  readonly falseReaps: boolean;
}

/** Those that one run can break, as they were typed. */
export function lifeThresholdWords(flags: Omit<ThresholdFlags, 'maxOverhead'>): string[] {
  return [
    ...(flags.maxGhost === undefined ? [] : ['--max-ghost', flags.maxGhost]),
    ...(flags.falseReaps ? [] : ['--no-false-reaps']),
    ...fleetWords(flags),
  ];
}

/** `--max-ghost 45s` and the like, as they were typed. */
export function thresholdWords(flags: ThresholdFlags): string[] {
  return [
    ...lifeThresholdWords(flags),
    ...(flags.maxOverhead === undefined ? [] : ['--max-overhead', flags.maxOverhead]),
  ];
}

/** `--max-ghost`, `--no-false-reaps`, `--max-overhead`, and the limits of fleets. */
export function parseThresholds(flags: ThresholdFlags): Result<Thresholds> {
  const parts = allOf({
    maxGhostMs: optional(flags.maxGhost, (text) => parseDuration(text, '--max-ghost')),
    maxPacketsPerHour: optional(flags.maxOverhead, (text) => parseRate(text, '--max-overhead')),
    fleet: parseFleetLimits(flags),
  });
  if (!parts.ok) return parts;
  return { ok: true, value: { ...parts.value, noFalseReaps: !flags.falseReaps } };
}

/** All values, or every issue of all parts. */
export function allOf<T extends Readonly<Record<string, unknown>>>(parts: {
  readonly [Key in keyof T]: Result<T[Key]>;
}): Result<T> {
  const issues: Issue[] = [];
  const values: Partial<Record<keyof T, unknown>> = {};
  for (const key of Object.keys(parts) as (keyof T)[]) {
    const part = parts[key];
    if (part.ok) values[key] = part.value;
    else issues.push(...part.issues);
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: values as T };
}

/** All values in order, or every issue of all of them. */
export function allOfList<T>(results: readonly Result<T>[]): Result<T[]> {
  const issues = results.flatMap((result) => (result.ok ? [] : result.issues));
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, value: results.flatMap((result) => (result.ok ? [result.value] : [])) };
}

/**
 * The value, where the edge of the program turns issues into a message.
 *
 * @throws InputError with every issue
 */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new InputError(result.issues);
  return result.value;
}
