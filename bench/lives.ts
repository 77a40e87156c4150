/**
 * How many lives a second one core plays, side by side in one call: only ratios between rows of one
 * run mean anything. Run with `npx tsx bench/lives.ts`.
 *
 * The first row is the baseline: a connection on which nothing happens but its own end.
 */
import { Bench } from 'tinybench';
import { presets } from '../model/policy/index.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { scenarios } from '../scenarios/catalog/index.ts';
import { watchMs } from '../scenarios/watch.ts';
import { seedWords } from '../sim/random.ts';
import { RunPlayer } from '../sim/world/run.ts';

const SEED = seedWords(1n);
const RUNS = 1000;

const LIVES: readonly (readonly [policy: string, scenario: string])[] = [
  ['none', 'crash'],
  ['alive-flag-sweep', 'vanish-idle'],
  ['none', 'vanish-busy'],
  ['send-stall-watchdog', 'frozen-saturated'],
  ['alive-flag-sweep', 'live-slow-reader'],
  ['alive-flag-sweep', 'live-active'],
];

/** The same lives every time, one after the other. */
function lives(policy: Policy, scenario: Scenario): () => void {
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  let run = 0;
  return () => {
    player.play(SEED, run);
    run = (run + 1) % RUNS;
  };
}

const bench = new Bench({ time: 1_000, warmupTime: 500 });
for (const [policy, scenario] of LIVES) {
  bench.add(
    `${scenario} under ${policy}`,
    lives(presets[policy] as Policy, scenarios[scenario] as Scenario),
  );
}
await bench.run();

const means = bench.tasks.map((task) =>
  task.result.state === 'completed' ? task.result.latency.mean : NaN,
);
const baseline = means[0] as number;
console.table(
  bench.tasks.map((task, i) => ({
    life: task.name,
    'µs per life': Math.round((means[i] as number) * 1000),
    'times the baseline': Math.round(((means[i] as number) / baseline) * 10) / 10,
  })),
);
