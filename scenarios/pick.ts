/**
 * One run out of many that shows what a cell of a comparison is about: the worst of them, the middle one, or the first
 * in which a living peer was ended.
 */
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { seedWords } from '../sim/random.ts';
import { RunPlayer } from '../sim/world/run.ts';
import type { RunRecord } from '../sim/world/run.ts';
import { watchMs } from './watch.ts';

/** Which run is meant. */
export type RunPick = 'worst' | 'median' | 'killed';

/** How long the ghost of a run lived, Infinity = for good; undefined where there was none. */
function ghostUs(record: RunRecord): number | undefined {
  if (record.prevented || record.endedAlive) return undefined;
  return record.decidedAtUs - record.faultAtUs;
}

/** How long a living peer was kept, Infinity = throughout. */
function keptUs(record: RunRecord): number {
  return record.endedAlive ? record.decidedAtUs - record.acceptedAtUs : Infinity;
}

interface Played {
  readonly run: number;
  /** The higher, the worse. */
  readonly badness: number;
}

function playAll(policy: Policy, scenario: Scenario, seed: bigint, runs: number, pick: RunPick) {
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  const words = seedWords(seed);
  const played: Played[] = [];
  for (let run = 0; run < runs; run += 1) {
    player.play(words, run);
    const { record } = player;
    if (pick === 'killed') {
      if (record.endedAlive) return [{ run, badness: 0 }];
      continue;
    }
    const badness = scenario.kind === 'live' ? -keptUs(record) : ghostUs(record);
    if (badness !== undefined) played.push({ run, badness });
  }
  return played;
}

/**
 * The number of the run, of the first `runs` that `compare` counts under the seed; null where none of them is of the
 * kind: no ghost arose, or nobody was ended. Of equals the first.
 *
 * @example
 * const sweep = presets['alive-flag-sweep'];
 * const worst = pickRun(sweep, scenarios['vanish-idle'], 1n, 20, 'worst');
 * const { decidedAtMs, faultAtMs } = simulate(sweep, scenarios['vanish-idle'], { seed: 1n, run: worst });
 * const longest = compare({ policies: [sweep], scenarios: [scenarios['vanish-idle']], runs: 20, seed: 1n }).rows[0].ghostMs.max;
 * Math.abs(decidedAtMs - faultAtMs - longest) < 0.001 // => true
 * pickRun(sweep, scenarios['live-idle'], 1n, 5, 'killed') // => null
 */
export function pickRun(
  policy: Policy,
  scenario: Scenario,
  seed: bigint,
  runs: number,
  pick: RunPick,
): number | null {
  const played = playAll(policy, scenario, seed, runs, pick);
  const worstFirst = played.toSorted((a, b) => b.badness - a.badness || a.run - b.run);
  const at = pick === 'median' ? Math.floor(worstFirst.length / 2) : 0;
  return worstFirst[at]?.run ?? null;
}
