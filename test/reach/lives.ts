/** Simulated lives of a cell: the witness against which reachability is held. */
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { seedWords } from '../../sim/random.ts';
import { playPhases } from '../../proof/phases.ts';
import { watchOf } from '../../scenarios/watch.ts';
import { RunPlayer } from '../../sim/world/run.ts';

/** The longest ghost that was seen, ms: Infinity where one was never found within the watch; null where there was none. */
export function longestGhostMs(
  policy: Policy,
  scenario: Scenario,
  runs: number,
  watchMs: number,
): number | null {
  const player = new RunPlayer(policy, scenario, watchMs, false);
  const lives: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    player.play(seedWords(7n), run);
    const { faultAtUs, decidedAtUs } = player.record;
    if (faultAtUs !== Infinity && decidedAtUs >= faultAtUs) {
      lives.push((decidedAtUs - faultAtUs) / 1000);
    }
  }
  return lives.length === 0 ? null : Math.max(...lives);
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
