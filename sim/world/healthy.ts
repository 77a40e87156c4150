/**
 * The same connection without its fault or silence, over a few runs: what it costs, and whether the policy ends it. Stories that differ only in
 * what is to happen have the same healthy lives, and play them once.
 */
import type { Policy } from '../../model/policy/types.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { CostMeter } from '../process/cost-meter.ts';
import type { SeedWords } from '../random.ts';
import type { ObservedDifferences } from '../server/observed-differences.ts';
import { noDifferences } from '../server/observed-differences.ts';

/** So many show it. */
export const HEALTHY_LIVES = 4;

export class HealthyLives {
  readonly seed: SeedWords;
  /** The policy has ended one of them itself. */
  livesShort = false;
  packets = 0;
  bytes = 0;
  wakeups = 0;
  livedUs = 0;
  /** What they have come to. */
  observed: ObservedDifferences = noDifferences();

  constructor(seed: SeedWords) {
    this.seed = seed;
  }

  isOf({ high, low }: SeedWords): boolean {
    return this.seed.high === high && this.seed.low === low;
  }

  /** One more, which the policy ended at `endsUs` (Infinity = it did not), or which was left at `nowUs`. */
  add(cost: CostMeter, endsUs: number, nowUs: number): void {
    if (endsUs === Infinity) cost.finish(nowUs);
    else cost.finishWhole(endsUs);
    this.livesShort ||= endsUs !== Infinity;
    this.packets += cost.packets;
    this.bytes += cost.bytes;
    this.wakeups += cost.wakeups;
    this.livedUs += cost.livedUs;
  }
}

/** So many are kept: those of the cells that one question is about. */
const MOST_KEPT = 2_000;

const kept = new Map<string, HealthyLives>();

/** The healthy lives of a policy on a scenario. */
export class HealthyCell {
  readonly #cell: string;

  constructor(policy: Policy, scenario: Scenario) {
    const { mechanisms, peerHeartbeat } = policy;
    this.#cell = JSON.stringify([mechanisms, peerHeartbeat, whileAllIsWell(scenario)]);
  }

  /** @param play plays them, where nobody has */
  of(seed: SeedWords, play: () => HealthyLives): HealthyLives {
    const key = `${seed.high}:${seed.low} ${this.#cell}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const lives = play();
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, lives);
    return lives;
  }
}

/** What of a scenario there is to see while all is well. Not so of a silence: a slow reader always was one. */
function whileAllIsWell(scenario: Scenario): object {
  const { load, path, server, client, proxies, boxes, kernel, story } = scenario;
  const told = scenario.kind === 'live' ? [scenario.silence, scenario.endsWith] : null;
  return [load, path, server, client, proxies, boxes, kernel, story, told];
}
