/** One life against what is stated. */
import type { Bounds } from '../../model/bounds/index.ts';
import { outlived, endedAgainstClaim } from '../../model/results/assertions.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { silenceMs } from '../../sim/world/timeline/plan.ts';
import type { RunRecord } from '../../sim/world/run.ts';

/** What contradicts the statements in one life; undefined = nothing. */
export function contradiction(
  scenario: Scenario,
  stated: Bounds,
  record: RunRecord,
  watchedMs: number,
): string | undefined {
  const late = (us: number, maxMs: number | null): boolean =>
    !record.prevented &&
    outlived(
      us === Infinity
        ? { maxMs: null, never: 1, watchedMs }
        : { maxMs: (us - record.faultAtUs) / 1000, never: 0, watchedMs },
      maxMs,
    );
  const lengthMs = scenario.kind === 'live' ? silenceMs(scenario.silence) : null;
  // Before its fault a peer is healthy; a mechanism that ends healthy ones claims nothing.
  if (endedAgainstClaim(Number(record.endedAlive), lengthMs, stated.tolerance)) {
    return 'ended alive within T';
  }
  if (outOfOrder(record)) return 'four instants out of order';
  if (scenario.kind === 'live') return undefined;
  if (late(record.decidedAtUs, stated.decided.maxMs)) return 'decided late';
  return late(record.releasedAtUs, stated.released.maxMs) ? 'released late' : undefined;
}

/** Decided, then closed, then forgotten; the kernel's part of the end is never after the descriptor's. */
function outOfOrder(record: RunRecord): boolean {
  const { decidedAtUs, kernelClosedAtUs, closedAtUs, releasedAtUs } = record;
  return decidedAtUs > closedAtUs || kernelClosedAtUs > closedAtUs || closedAtUs > releasedAtUs;
}
