/** Simulated lives of a cell: the witness against which reachability is held. */
import type { Policy } from '../../model/policy/types.ts';
import type { ProvedBound } from '../../model/reach/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { seedWords } from '../../sim/random.ts';
import { playPhases } from '../../proof/phases.ts';
import { watchOf } from '../../scenarios/watch.ts';
import { RunPlayer } from '../../sim/world/run.ts';

/** How late each instant of a ghost's end came, ms after the fault: Infinity where it never came within the watch. */
export interface Lives {
  readonly decidedMs: number;
  readonly closedMs: number;
  readonly releasedMs: number;
}

/** The longest lives that were seen; null where there was no ghost. */
export function longestLives(
  policy: Policy,
  scenario: Scenario,
  runs: number,
  watchMs: number,
): Lives | null {
  const player = new RunPlayer(policy, scenario, watchMs, false);
  let seen = false;
  const lives = { decidedMs: 0, closedMs: 0, releasedMs: 0 };
  for (let run = 0; run < runs; run += 1) {
    player.play(seedWords(7n), run);
    const { faultAtUs, decidedAtUs, closedAtUs, releasedAtUs } = player.record;
    if (faultAtUs === Infinity || decidedAtUs < faultAtUs) continue;
    seen = true;
    lives.decidedMs = Math.max(lives.decidedMs, (decidedAtUs - faultAtUs) / 1000);
    lives.closedMs = Math.max(lives.closedMs, (closedAtUs - faultAtUs) / 1000);
    lives.releasedMs = Math.max(lives.releasedMs, (releasedAtUs - faultAtUs) / 1000);
  }
  return seen ? lives : null;
}

/** What of a ghost's end came later than is proved, one text for each instant. */
export function outlived({ decidedMs, closed, released }: ProvedBound, lives: Lives): string[] {
  const instants = [
    ['decided', lives.decidedMs, decidedMs],
    ['closed', lives.closedMs, closed.kind === 'proved' ? closed.ms : Infinity],
    ['released', lives.releasedMs, released.kind === 'proved' ? released.ms : Infinity],
  ] as const;
  return instants.flatMap(([instant, seenMs, boundMs]) =>
    seenMs <= boundMs + 0.001 ? [] : [`${instant} after ${seenMs} ms, bound ${boundMs} ms`],
  );
}

/** The longest ghost that was seen, to the decision. */
export function longestGhostMs(
  policy: Policy,
  scenario: Scenario,
  runs: number,
  watchMs: number,
): number | null {
  return longestLives(policy, scenario, runs, watchMs)?.decidedMs ?? null;
}

/** How many of so many living peers were ended: at a grid of phases, the first and last microsecond of each rhythm included, and by chance. */
export function livesEnded(
  policy: Policy,
  scenario: Scenario,
  phases: number,
  runs: number,
): number {
  const player = new RunPlayer(policy, scenario, watchOf(policy, scenario).lengthMs, false);
  let ended = 0;
  for (let run = 0; run < runs; run += 1) {
    player.play(seedWords(11n), run);
    if (player.record.endedAlive) ended += 1;
  }
  return ended + playPhases(policy, scenario, phases, 3n).endedAlive;
}
