/** The story as Ghostbound plays it: the whole kernel, with digest and costs, on a world that is reset for each life. */
import { presets } from '../../model/policy/index.ts';
import { defineScenario } from '../../model/scenario/index.ts';
import { watchMs } from '../../scenarios/watch.ts';
import { Stream, seedWords } from '../../sim/random.ts';
import { RunPlayer } from '../../sim/world/run.ts';
import type { Life } from './story.ts';

const SEED = seedWords(1n);

const policy = presets['alive-flag-sweep'];
if (policy === undefined) throw new Error('alive-flag-sweep is built in');
const fault = { kind: 'vanish', direction: 'both' } as const;
const scenario = defineScenario({ kind: 'fault', name: 'cut', fault });
const player = new RunPlayer(policy, scenario, watchMs(policy, scenario), false);
const life: Life = { decidedUs: NaN, releasedUs: NaN };

/** Plays one life; its sweep ticks a share of its interval before the cut. */
export function playGhostbound(cutUs: number, sweepShare: number, run: number): Life {
  const { world, record } = player;
  world.placeEvent(cutUs);
  world.pin(Stream.SweepPhase, sweepShare);
  player.play(SEED, run);
  life.decidedUs = record.decidedAtUs;
  life.releasedUs = record.releasedAtUs;
  return life;
}
