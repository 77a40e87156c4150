/**
 * B by exploration: the peer goes in every state, at every instant that the state lasts. All of these
 * instants lose the same packets, so one life answers for them: the longest ghost begins right after
 * the state did, the shortest right before the next event.
 */
import { exploreHealthy, MOST_STATES, TooManyStates } from './healthy.ts';
import type { IdealWorld } from './ideal-world.ts';
import type { Trouble } from './packets.ts';
import type { Setting } from './setting.ts';

export interface GhostLives {
  /** µs from the fault to the verdict; Infinity = never. */
  readonly minUs: number;
  readonly maxUs: number;
  readonly states: number;
}

/** µs from now until the process ends the connection; Infinity = never. Learns from every life. */
function untilVerdict(world: IdealWorld, known: Map<string, number>): number {
  const passed = new Map<string, number>();
  const learn = (verdictUs: number): number => {
    for (const [key, atUs] of passed) known.set(key, verdictUs - atUs);
    if (known.size > MOST_STATES) throw new TooManyStates(`more than ${MOST_STATES}`);
    return verdictUs - startUs;
  };
  const startUs = world.nowUs;
  while (world.fate === 'open') {
    const key = world.key();
    const leftUs = known.get(key);
    if (leftUs !== undefined) return learn(world.nowUs + leftUs);
    // The same again, and so for ever.
    if (passed.has(key) || world.nextUs === Infinity) return learn(Infinity);
    passed.set(key, world.nowUs);
    world.step();
  }
  return learn(world.nowUs);
}

/**
 * The ends of B over every phase.
 *
 * @throws TooManyStates
 */
export function exploreGhosts(setting: Setting, fault: Trouble): GhostLives {
  const known = new Map<string, number>();
  let minUs = Infinity;
  let maxUs = 0;
  const { keys } = exploreHealthy(setting, (world, nextUs) => {
    const fromUs = world.nowUs;
    world.trouble(fault, fromUs, Infinity);
    const lifeUs = untilVerdict(world, known);
    maxUs = Math.max(maxUs, lifeUs);
    if (lifeUs !== Infinity) minUs = Math.min(minUs, lifeUs - (nextUs - fromUs));
  });
  return { minUs, maxUs, states: keys.size + known.size };
}
