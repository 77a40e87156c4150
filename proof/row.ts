/**
 * One row of a verification: what is stated, what each witness says beside it, and whether any contradicts. A witness
 * contradicts B by a ghost that lives longer, and T by a living peer that is reaped in a shorter silence; being careful
 * is no contradiction, and `tightness` tells how careful. Nothing contradicts what is not stated, and that is no agreement.
 */
import type { Bound, Bounds } from '../model/bounds/types.ts';
import { endedAgainstClaim, outlived } from '../model/results/assertions.ts';
import type {
  ComparisonRow,
  ObservedLives,
  ReachedBound,
  ReachedTolerance,
  ReplayedPath,
  StatedBound,
  VerificationRow,
  Witness,
} from '../model/results/types.ts';

/** What the witnesses of a row say. */
export interface Testimony {
  readonly reached: ReachedBound;
  readonly survived: ReachedTolerance;
  readonly phases: ObservedLives;
  readonly sampled: ComparisonRow;
  readonly replay: ReplayedPath | null;
}

function statedBound({ maxMs, proved, because, by, formula }: Bound): StatedBound {
  return { maxMs, proved, ...(because !== undefined && { because }), by, formula };
}

/** The random witness, in the form of the systematic one. */
function livesOf(row: ComparisonRow): ObservedLives {
  const { ghostMs, releasedMs, prevented, falseReaps, endedAlive, watchedMs, watchedOut } = row;
  return {
    lives: falseReaps.samples,
    ghostMs: { minMs: ghostMs.min, maxMs: ghostMs.max },
    undetected: ghostMs.undetected,
    releasedMs: { minMs: releasedMs.min, maxMs: releasedMs.max },
    unreleased: releasedMs.unreleased,
    prevented,
    falseReaps: falseReaps.count,
    endedAlive: endedAlive.count,
    watchedMs,
    watchedOut,
  };
}

function livesOutlived(seen: ObservedLives, { decided, released }: Bounds): boolean {
  const { ghostMs, undetected, releasedMs, unreleased, watchedMs } = seen;
  return (
    outlived({ maxMs: ghostMs.maxMs, never: undetected, watchedMs }, decided.maxMs) ||
    outlived({ maxMs: releasedMs.maxMs, never: unreleased, watchedMs }, released.maxMs)
  );
}

/** Whether a ghost lived longer than reachability says any can. */
function reachOutlived(seen: ObservedLives, reached: ReachedBound): boolean {
  if (reached.kind === 'not-proved') return false;
  const { ghostMs, undetected, watchedMs } = seen;
  return outlived({ maxMs: ghostMs.maxMs, never: undetected, watchedMs }, reached.maxMs);
}

/** Whether the life on the worst path was longer than reachability says that any can be. */
function replayOutlived(
  replay: ReplayedPath | null,
  reached: ReachedBound,
  watchedMs: number,
): boolean {
  if (replay === null || reached.kind === 'not-proved') return false;
  const never = replay.attainedMs === null ? 1 : 0;
  return outlived({ maxMs: replay.attainedMs, never, watchedMs }, reached.maxMs);
}

/** Whether living peers were ended in a silence that reachability says is survived. */
function reachReaped(
  { endedAlive }: ObservedLives,
  silenceMs: number | null,
  survived: ReachedTolerance,
): boolean {
  const { kind } = survived;
  if (kind === 'proved') {
    return endedAgainstClaim(endedAlive, silenceMs, { maxMs: survived.maxMs, proved: true });
  }
  return endedAgainstClaim(endedAlive, silenceMs, { maxMs: survived.atLeastMs, proved: true });
}

function witnesses(found: Readonly<Record<Witness, boolean>>): readonly Witness[] {
  return (['phases', 'sampled', 'replay'] as const).filter((witness) => found[witness]);
}

function tightnessOf(boundMs: number | null, testimony: Testimony): number | null {
  const { phases, sampled } = testimony;
  const longestMs = Math.max(phases.ghostMs.maxMs ?? 0, sampled.ghostMs.max ?? 0);
  if (boundMs === null || boundMs === 0 || longestMs === 0) return null;
  return Math.round((longestMs / boundMs) * 10_000) / 10_000;
}

function verdictOf(
  reaps: readonly Witness[],
  ghosts: readonly Witness[],
  { proved }: Bound,
): VerificationRow['verdict'] {
  if (reaps.length > 0) return 'false-reap';
  if (ghosts.length > 0) return 'ghost-outlived-bound';
  return proved ? 'agree' : 'not-proved';
}

/**
 * Holds what is stated against what was seen.
 *
 * @param stated B and T; whatever is handed in is held against the witnesses
 */
export function verificationRow(stated: Bounds, testimony: Testimony): VerificationRow {
  const { sampled, phases, reached, survived, replay } = testimony;
  const { policy, scenario, kind, silenceMs } = sampled;
  const random = livesOf(sampled);
  const reaped = (lives: ObservedLives): boolean =>
    endedAgainstClaim(lives.endedAlive, silenceMs, stated.tolerance) ||
    reachReaped(lives, silenceMs, survived);
  const reaps = witnesses({
    phases: reaped(phases),
    sampled: reaped(random),
    replay: false,
  });
  const outlivedIn = (lives: ObservedLives): boolean =>
    livesOutlived(lives, stated) || reachOutlived(lives, reached);
  const ghosts = witnesses({
    phases: kind === 'fault' && outlivedIn(phases),
    sampled: kind === 'fault' && outlivedIn(random),
    replay: kind === 'fault' && replayOutlived(replay, reached, phases.watchedMs),
  });
  return {
    policy,
    scenario,
    kind,
    silenceMs,
    stated: {
      decided: statedBound(stated.decided),
      closed: statedBound(stated.closed),
      kernelClosed: statedBound(stated.kernelClosed),
      released: statedBound(stated.released),
      tolerance: statedBound(stated.tolerance),
    },
    reach: { decided: reached, tolerance: survived },
    phases,
    sampled: random,
    replay,
    tightness: tightnessOf(stated.decided.maxMs, testimony),
    verdict: verdictOf(reaps, ghosts, kind === 'fault' ? stated.decided : stated.tolerance),
    against: reaps.length > 0 ? reaps : ghosts,
  };
}
