/**
 * Whether one run broke what is stated of its policy: the bound of its ghost, or the peer's tolerance; and whether
 * it told the story of its scenario at all.
 */
import type { Bound, Bounds } from '../../model/bounds/types.ts';
import { endedAgainstClaim, ONE_US_IN_MS, outlived } from '../../model/results/assertions.ts';
import type { RunResult } from '../../model/results/types.ts';
import { rareStates } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/index.ts';
import { BY_DRAIN } from '../../sim/process/connection-record.ts';
import { silenceMs } from '../../sim/world/timeline/plan.ts';
import { ExitCode } from '../terminal/exit.ts';
import { beyondLimits, toldByRun, unspokenLimits } from './fleet.ts';
import { formatMs } from '../../text/numbers.ts';
import {
  beyondBound,
  heaviestFirst,
  toleratedSilence,
  type Failure,
  type Thresholds,
} from './comparison.ts';

function lateEnd(
  what: string,
  endedAtMs: number | null,
  { faultAtMs, watchedMs }: RunResult,
  bound: Bound,
): Failure[] {
  if (faultAtMs === null) return [];
  const lastedMs = endedAtMs === null ? null : endedAtMs - faultAtMs;
  const seen = { maxMs: lastedMs, never: lastedMs === null ? 1 : 0, watchedMs };
  if (bound.maxMs === null || !outlived(seen, bound.maxMs)) return [];
  const text = beyondBound(what, lastedMs, bound.maxMs);
  return [{ code: ExitCode.BoundExceeded, text }];
}

/**
 * Ended while the peer lived, all along or before its fault, and neither in an order that harms nobody nor with
 * everybody at the end of a drain.
 */
function wasEndedAlive({ endedAlive }: RunResult): boolean {
  return endedAlive !== null && !endedAlive.inOrder && endedAlive.by !== BY_DRAIN;
}

function brokeTolerance(scenario: Scenario, { tolerance }: Bounds): boolean {
  const lengthMs = scenario.kind === 'live' ? silenceMs(scenario.silence) : null;
  return endedAgainstClaim(1, lengthMs, tolerance);
}

/** The run never came to the state that its scenario is there for, and nobody ended it before. */
function untoldStory({ rareState }: RunResult): Failure[] {
  if (rareState === undefined || rareState.reached || rareState.excused) return [];
  const { name } = rareState;
  const text = `the run never came to ${name}: ${rareStates[name]}`;
  return [{ code: ExitCode.NothingSampled, text }];
}

/** Limits of the user that this run, or what is stated of it, does not keep. */
export function thresholdsOfRun(
  run: RunResult,
  scenario: Scenario,
  { decided }: Bounds,
  { maxGhostMs, noFalseReaps, fleet = {} }: Thresholds,
): Failure[] {
  const failed = (text: string): Failure => ({ code: ExitCode.ThresholdFailed, text });
  const { endedAlive, faultAtMs, decidedAtMs } = run;
  const told = toldByRun(run, scenario.story.kind);
  const killed = noFalseReaps && endedAlive !== null && !endedAlive.inOrder;
  const limited = maxGhostMs !== undefined && scenario.kind === 'fault' && faultAtMs !== null;
  const livedMs = decidedAtMs === null || faultAtMs === null ? null : decidedAtMs - faultAtMs;
  const withinMs = (ms: number | null): boolean =>
    ms !== null && ms <= (maxGhostMs ?? 0) + ONE_US_IN_MS;
  const keeps = withinMs(livedMs) && (!decided.proved || withinMs(decided.maxMs));
  const ghost = livedMs === null ? 'lives for good' : `lived ${formatMs(livedMs)}`;
  const bound = !decided.proved
    ? ''
    : ` and may live ${decided.maxMs === null ? 'for good' : formatMs(decided.maxMs, 'up')}`;
  return [
    ...(killed ? [failed('a living peer was ended; --no-false-reaps allows none')] : []),
    ...(limited && !keeps
      ? [failed(`the ghost ${ghost}${bound}; --max-ghost allows ${formatMs(maxGhostMs)}`)]
      : []),
    ...beyondLimits(told, fleet).map(failed),
    ...unspokenLimits([told], fleet).map(({ flag, about }) => ({
      code: ExitCode.NothingSampled,
      text: `${flag} speaks of ${about}; the run has none`,
    })),
  ];
}

/** Everything stated that did not hold in this run; empty when all did. */
export function failuresOfRun(run: RunResult, scenario: Scenario, stated: Bounds): Failure[] {
  if (wasEndedAlive(run)) {
    if (!brokeTolerance(scenario, stated)) return [];
    const tolerance = toleratedSilence(stated.tolerance.maxMs);
    const text = `a living peer was ended, though the policy is said to tolerate ${tolerance}`;
    return [{ code: ExitCode.FalseReap, text }];
  }
  const untold = untoldStory(run);
  if (scenario.kind === 'live' || run.faultAtMs === null) return untold;
  return [
    ...untold,
    ...lateEnd('the ghost lived', run.decidedAtMs, run, stated.decided),
    ...lateEnd('the dead socket stayed', run.releasedAtMs, run, stated.released),
  ].toSorted(heaviestFirst);
}
