/**
 * Picks one run out of many that shows what a cell of a comparison is about: the worst of them, the middle one, or the
 * first in which a living peer was ended. How bad a run is its figure says, or else its ghost or its living peer.
 */
import type { Policy } from '../model/policy/types.ts';
import { leadingFigures } from '../model/results/figures.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { seedWords } from '../sim/random.ts';
import { figureKinds } from '../sim/world/metrics.ts';
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
  return record.endedAlive ? record.endedAtUs - record.acceptedAtUs : Infinity;
}

function lifeBadness(record: RunRecord, scenario: Scenario): number | undefined {
  return scenario.kind === 'live' ? -keptUs(record) : ghostUs(record);
}

/** How bad a run of a story about more than its connection was; undefined in others, or where nothing was counted. */
function storyBadness(record: RunRecord, leading: number): number | undefined {
  const value = record.figures[leading] ?? NaN;
  return Number.isNaN(value) ? undefined : value;
}

interface Played {
  readonly run: number;
  /** The higher, the worse. */
  readonly badness: number;
}

function playAll(policy: Policy, scenario: Scenario, seed: bigint, runs: number, pick: RunPick) {
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  const words = seedWords(seed);
  const leading = figureKinds(scenario).findLastIndex(({ name }) => leadingFigures.has(name));
  const played: Played[] = [];
  for (let run = 0; run < runs; run += 1) {
    player.play(words, run);
    const { record } = player;
    if (pick === 'killed') {
      if (record.endedAlive) return [{ run, badness: 0 }];
      continue;
    }
    const badness = storyBadness(record, leading) ?? lifeBadness(record, scenario);
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
