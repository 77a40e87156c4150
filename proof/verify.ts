/**
 * A policy against its own promises: per scenario B and T as they are stated, and beside them reachability, and everything that
 * could contradict: simulated lives at a grid of phases, simulated lives at random.
 */
import { bounds, type Bounds } from '../model/bounds/index.ts';
import { InputError } from '../model/issue.ts';
import type { Policy } from '../model/policy/types.ts';
import type {
  Comparison,
  ReachedBound,
  ReachedTolerance,
  ReplayedPath,
  Verification,
  VerificationRow,
  WithoutOne,
} from '../model/results/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { scenarios as builtInScenarios } from '../scenarios/catalog/index.ts';
import { compare } from '../scenarios/compare/index.ts';
import { formatSeed, parseSeed } from '../sim/random.ts';
import { assert } from '../model/assert.ts';
import {
  reachBound,
  reachTolerance,
  type ReachBound,
  type ReachTolerance,
} from '../model/reach/index.ts';
import { playPhases } from './phases.ts';
import { replayBound, replayTolerance, type Replay } from './replay.ts';
import { verificationRow, type Testimony } from './row.ts';
import { mechanismsKnockedOut, withoutEach, type FaultWithoutOne } from './without-one.ts';

/** Points of the grid of phases: one every half second of a period of 30 s. */
const DEFAULT_PHASES = 64;

/** Random lives per scenario. */
const DEFAULT_RUNS = 200;

export interface VerifyOptions {
  /** Default: every built-in one. */
  readonly scenarios?: readonly Scenario[];
  /** Random lives per scenario, at least 1; default 200. */
  readonly runs?: number;
  /** 64 bits: decimal or `0x` hexadecimal text, or the number itself; default 1. */
  readonly seed?: bigint | string;
  /** Points of the grid of phases, at least 2; default 64. */
  readonly phases?: number;
}

/** Reachability's answer, as a document holds it. */
export function reachedBound(bound: ReachBound): ReachedBound {
  if (bound.kind === 'not-proved') return { kind: 'not-proved', reason: bound.because };
  const { decidedMs, by, path, work } = bound;
  return {
    kind: 'proved',
    maxMs: Number.isFinite(decidedMs) ? decidedMs : null,
    by,
    path,
    steps: work,
  };
}

/** Reachability's answer on T, as a document holds it. */
export function reachedTolerance(tolerance: ReachTolerance): ReachedTolerance {
  if (tolerance.kind === 'not-proved') {
    const { because, atLeastMs } = tolerance;
    return { kind: 'not-proved', reason: because, atLeastMs };
  }
  const { ms, by, path, work } = tolerance;
  return { kind: 'proved', maxMs: Number.isFinite(ms) ? ms : null, by, path, steps: work };
}

/** What came of a replay, as a document holds it. */
function replayed(replay: Replay | null): ReplayedPath | null {
  if (replay === null) return null;
  const { attainedMs, gapMs, lives, because } = replay;
  return {
    attainedMs: Number.isFinite(attainedMs) ? attainedMs : null,
    gapMs: Number.isFinite(gapMs) ? gapMs : null,
    lives,
    ...(because !== null && { because }),
  };
}

/** What is stated of a cell, and what its witnesses say but for the lives at random. Plain data: policies that differ in their names alone have the same. */
export interface CellWitnessed extends Omit<Testimony, 'sampled'> {
  readonly stated: Bounds;
  /** Of a fault that is found: B without each mechanism. */
  readonly withoutOne: FaultWithoutOne | null;
}

/** Hears every witness of a cell but the lives at random. */
export function witnessCell(
  policy: Policy,
  scenario: Scenario,
  phases: number,
  seed: bigint,
): CellWitnessed {
  const bound = reachBound(policy, scenario, undefined, true);
  const tolerance = reachTolerance(policy, scenario, undefined, true);
  return {
    stated: { ...bounds(policy, scenario) },
    reached: reachedBound(bound),
    survived: reachedTolerance(tolerance),
    phases: playPhases(policy, scenario, phases, seed),
    replay:
      scenario.kind === 'fault'
        ? replayed(replayBound(policy, scenario, bound, seed))
        : replayed(replayTolerance(policy, scenario, tolerance, seed)),
    withoutOne: withoutEach(policy, scenario, bound, seed),
  };
}

/**
 * The rows of a verification, and what each mechanism is to its policy's ghosts.
 *
 * @param sampled the random witness
 * @param witnessed what the others say of a policy on a scenario
 */
export function verified(
  policies: readonly Policy[],
  scenarios: readonly Scenario[],
  { rows: sampled }: Comparison,
  witnessed: (policy: number, scenario: number) => CellWitnessed,
): Pick<Verification, 'rows' | 'withoutOne'> {
  const rows: VerificationRow[] = [];
  const withoutOne: WithoutOne[] = [];
  policies.forEach((policy, p) => {
    const faults: FaultWithoutOne[] = [];
    scenarios.forEach((_, s) => {
      const row = sampled[rows.length];
      assert(row !== undefined, 'a comparison has a row per cell');
      const { stated, withoutOne: fault, ...testimony } = witnessed(p, s);
      rows.push(verificationRow(stated, { ...testimony, sampled: row }));
      if (fault !== null) faults.push(fault);
    });
    withoutOne.push(...mechanismsKnockedOut(policy, faults));
  });
  return { rows, withoutOne };
}

/**
 * Holds a policy's stated B and T against every witness, scenario by scenario. `verdict` of a row is
 * `agree`, or says what a witness found instead: `ghost-outlived-bound`, `false-reap`.
 *
 * Single-threaded, in virtual time; the same arguments give the same result.
 *
 * @param policy the policy, of `presets` or made by `definePolicy`
 * @throws InputError when there is nothing to verify on, or an option is out of range
 * @example
 * const { rows } = verify(presets['alive-flag-sweep'], { scenarios: [scenarios['vanish-idle']], runs: 50 });
 * rows[0].stated.decided.maxMs // => 2 * 30_000
 * Math.round(rows[0].phases.ghostMs.maxMs) // => 59_975
 * rows[0].verdict // => 'agree'
 */
export function verify(policy: Policy, options: VerifyOptions = {}): Verification {
  const { scenarios = Object.values(builtInScenarios), seed = '1' } = options;
  const { runs = DEFAULT_RUNS, phases = DEFAULT_PHASES } = options;
  if (!Number.isInteger(phases) || phases < 2) {
    const expected = 'a whole number of at least 2';
    throw new InputError([
      { code: 'bad-phases', path: 'phases', expected, received: String(phases) },
    ]);
  }
  const sampled = compare({ policies: [policy], scenarios, runs, seed });
  const parsed = parseSeed(seed, 'seed');
  assert(parsed.ok, 'compare has read the seed');
  const heard = scenarios.map((scenario) => witnessCell(policy, scenario, phases, parsed.value));
  const { rows, withoutOne } = verified(
    [policy],
    scenarios,
    sampled,
    (_, scenario) => heard[scenario] as CellWitnessed,
  );
  return { schemaVersion: 1, seed: formatSeed(parsed.value), runs, phases, rows, withoutOne };
}
