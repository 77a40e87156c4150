/** How long simulated lives take, from one on which nothing happens but its end to those full of packets. */
import { presets } from '../model/policy/index.ts';
import { scenarios } from '../scenarios/catalog/index.ts';
import { watchMs } from '../scenarios/watch.ts';
import { seedWords } from '../sim/random.ts';
import { RunPlayer } from '../sim/world/run.ts';
import type { Row } from './measure.ts';

const SEED = seedWords(1n);
/** Always the same: lives of one cell differ in length. */
const RUNS = 16;

/** What is played: a policy on a scenario. */
export const LIVES: readonly (readonly [policy: string, scenario: string])[] = [
  ['none', 'crash'],
  ['alive-flag-sweep', 'vanish-idle'],
  ['none', 'vanish-busy'],
  ['send-stall-watchdog', 'frozen-saturated'],
  ['alive-flag-sweep', 'live-slow-reader'],
  ['alive-flag-sweep', 'live-active'],
];

/** Plays the lives of one cell. */
export function playerOf(policyName: string, scenarioName: string): RunPlayer {
  const [policy, scenario] = [presets[policyName], scenarios[scenarioName]];
  if (policy === undefined || scenario === undefined) {
    throw new Error(`no ${policyName} or no ${scenarioName}`);
  }
  return new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
}

export const lives: readonly Row[] = LIVES.map(([policyName, scenarioName]) => {
  const player = playerOf(policyName, scenarioName);
  return {
    name: `${RUNS} lives: ${scenarioName} under ${policyName}`,
    work: () => {
      for (let run = 0; run < RUNS; run += 1) player.play(SEED, run);
    },
  };
});
