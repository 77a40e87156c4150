/** Healthy lives are played once for all stories that have the same: a story told after others is the one it is alone. */
import { expect, test } from 'vitest';
import { presets, scenarios, type Policy } from '../../index.ts';
import { seedWords, Stream } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import { watchMs } from '../../scenarios/watch.ts';

const SEED = seedWords(7n);

/** One that pings, the same whose verdicts are lost, and one that ends the quiet. */
const policies = [
  presets['alive-flag-sweep'],
  presets['alive-flag-sweep-lost'],
  presets['nginx-websocket'],
] as Policy[];

const stories = Object.values(scenarios).filter(
  ({ tags, load }) => tags.includes('founding') && load.kind !== 'saturated',
);

/** What two runs come to. */
function livesOf(player: RunPlayer): unknown {
  return [0, 1].map((run) => {
    player.play(SEED, run);
    return [player.digest.hex(), { ...player.record }, { ...player.world.observed }];
  });
}

test.each(policies)('$name', (policy) => {
  for (const scenario of stories) {
    const watch = watchMs(policy, scenario);
    const together = livesOf(new RunPlayer(policy, scenario, watch, false));
    const alone = new RunPlayer(policy, scenario, watch, false);
    // A world to which a phase was ever given plays its own healthy lives.
    alone.world.pin(Stream.Age, null);
    expect(livesOf(alone), scenario.name).toEqual(together);
  }
});
