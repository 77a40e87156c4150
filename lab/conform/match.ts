/** Two lists of packets held against each other: in order, side by side, each equal in every number and in its instant. */
import type { Mark } from './marks.ts';
import { isWithin, type Tolerance } from './tolerance.ts';
import { sides } from './trace.ts';

/** How the packets of a recording and of a replay agree. */
export interface Comparison {
  readonly kernel: number;
  readonly sim: number;
  readonly matched: number;
  /** Distances of the matched pairs, ms. */
  readonly maxErrorMs: number;
  readonly meanErrorMs: number;
  /** Every packet that has no equal, in words. */
  readonly mismatches: readonly string[];
}

function at({ t, from, says }: Mark): string {
  return `${from} at ${t.toFixed(4)} s: ${says}`;
}

class Matcher {
  readonly mismatches: string[] = [];
  matched = 0;
  maxErrorMs = 0;
  sumMs = 0;
  private readonly tolerance: Tolerance;

  constructor(tolerance: Tolerance) {
    this.tolerance = tolerance;
  }

  /** Packets of one side. */
  compare(kernel: readonly Mark[], sim: readonly Mark[]): void {
    let i = 0;
    let k = 0;
    while (i < kernel.length && k < sim.length) {
      const recorded = kernel[i] as Mark;
      const simulated = sim[k] as Mark;
      if (recorded.says === simulated.says) {
        this.pair(recorded, simulated);
        i += 1;
        k += 1;
      } else if (recorded.says === sim[k + 1]?.says) {
        this.mismatches.push(`only simulated: ${at(simulated)}`);
        k += 1;
      } else if (kernel[i + 1]?.says === simulated.says) {
        this.mismatches.push(`only recorded: ${at(recorded)}`);
        i += 1;
      } else {
        this.mismatches.push(`${at(recorded)}; simulated ${at(simulated)}`);
        i += 1;
        k += 1;
      }
    }
    for (const mark of kernel.slice(i)) this.mismatches.push(`only recorded: ${at(mark)}`);
    for (const mark of sim.slice(k)) this.mismatches.push(`only simulated: ${at(mark)}`);
  }

  private pair(recorded: Mark, simulated: Mark): void {
    const lagMs = (recorded.t - simulated.t) * 1000;
    const isTimed = recorded.isTimed && simulated.isTimed;
    if (isTimed && !isWithin(this.tolerance, recorded.t, simulated.t)) {
      const way = lagMs > 0 ? 'late' : 'early';
      this.mismatches.push(`${Math.abs(lagMs).toFixed(1)} ms too ${way}: ${at(recorded)}`);
      return;
    }
    this.matched += 1;
    if (!isTimed) return;
    this.maxErrorMs = Math.max(this.maxErrorMs, Math.abs(lagMs));
    this.sumMs += Math.abs(lagMs);
  }
}

/** Compares packets of both sides. */
export function compareMarks(
  kernel: readonly Mark[],
  sim: readonly Mark[],
  tolerance: Tolerance,
): Comparison {
  const matcher = new Matcher(tolerance);
  for (const side of sides) {
    const own = (marks: readonly Mark[]): Mark[] => marks.filter(({ from }) => from === side);
    matcher.compare(own(kernel), own(sim));
  }
  const { matched, maxErrorMs, sumMs, mismatches } = matcher;
  return {
    kernel: kernel.length,
    sim: sim.length,
    matched,
    maxErrorMs,
    meanErrorMs: sumMs / Math.max(1, matched),
    mismatches,
  };
}
