/** The same connection without its fault or silence, over a few runs: what it costs, and whether the policy ends it. */
import type { SeedWords } from '../random.ts';
import type { CostMeter } from '../process/cost-meter.ts';

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
