/**
 * How many lives a second one core plays, side by side in one call: only ratios between rows of one
 * run mean anything. `npx vitest bench bench/lives.bench.ts`.
 *
 * The first row is the baseline: a connection on which nothing happens but its own end.
 */
import { bench, describe } from 'vitest';
import { presets } from '../model/policy/index.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { scenarios } from '../scenarios/catalog/index.ts';
import { watchMs } from '../scenarios/watch.ts';
import { seedWords } from '../sim/random.ts';
import { RunPlayer } from '../sim/world/run.ts';

const SEED = seedWords(1n);

/** The same lives every time, one after the other. */
function lives(policyName: string, scenarioName: string): () => void {
  const policy = presets[policyName] as Policy;
  const scenario = scenarios[scenarioName] as Scenario;
  const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
  let run = 0;
  return () => {
    player.play(SEED, run);
    run = (run + 1) % 1000;
  };
}

describe('one life', () => {
  bench('crash under no policy (baseline)', lives('none', 'crash'));
  bench('vanish-idle under a sweep', lives('alive-flag-sweep', 'vanish-idle'));
  bench('vanish-busy under no policy', lives('none', 'vanish-busy'));
  bench(
    'frozen-saturated under a watchdog',
    lives('send-stall-watchdog', 'frozen-saturated', false),
  );
  bench('live-slow-reader under a sweep', lives('alive-flag-sweep', 'live-slow-reader'));
  bench('live-active, an hour, under a sweep', lives('alive-flag-sweep', 'live-active'));
});
