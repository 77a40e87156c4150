/**
 * Conformance without a phase: the recorded end must lie in the window of the ends of all phases.
 *
 * A timer in a bucket of n jiffies depends on the phase modulo n, so as many phases are played as the
 * widest bucket in use is wide.
 */
import { assert } from '../../model/assert.ts';
import type { ConformanceRow } from '../../model/results/types.ts';
import { adoptionsOf } from './adoption.ts';
import {
  badness,
  congestionControls,
  judge,
  recordedEnd,
  rowOf,
  TOLERANCE_JIFFIES,
  type Verdict,
} from './judge.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import { replay } from './replay.ts';
import { timingOf } from './timing.ts';
import type { KernelTrace } from './trace.ts';

/** A multiple of every bucket's width (8^8 jiffies). */
const BASE_JIFFY = 8 ** 8 * 256;

/** A phase begins somewhere within a jiffy: its beginning and its end bound what lies between. */
const FRACTIONS = [0, 0.999];

/** Beyond this many phases only so many, spread over all residues of the narrower buckets, are played. */
const MOST_PHASES = 4096;

/** So many of the phases that end nearest are compared in full. */
const MOST_JUDGED = 16;

/** Earliest and latest simulated end with the recorded outcome. */
interface Window {
  readonly firstS: number;
  readonly lastS: number;
}

/** The jiffy count at t = 0 of phase number `k`. */
function jiffiesOf(k: number, fraction: number): number {
  return BASE_JIFFY + k + fraction;
}

/**
 * A bucket of n jiffies takes timers of more than 63/8 n (calc_wheel_index): wider ones than this cannot have
 * expired while the recording ran.
 */
function widestThatExpires(trace: KernelTrace): number {
  const fromS = Math.min(0, ...trace.packets.slice(0, 1).map((packet) => packet.t));
  const lastedJ = (Math.min(trace.maxS, recordedEnd(trace).endS ?? Infinity) - fromS) * trace.hz;
  let widthJ = 1;
  while (widthJ * 63 <= lastedJ) widthJ *= 8;
  return widthJ;
}

/** Every phase that differs from the others, or a spread of them. */
function* phasesOf(widthOf: () => number): Generator<number> {
  // The width may grow while phases are played: another phase may reach a wider bucket.
  for (let k = 0; k < Math.min(widthOf(), MOST_PHASES); k += 1) {
    const stride = Math.max(1, widthOf() / MOST_PHASES);
    for (const fraction of FRACTIONS) yield jiffiesOf(k * stride + (k % stride), fraction);
  }
}

/** Plays all phases, without samples: only the ends are wanted. */
function playPhases(
  trace: KernelTrace,
  congestionControl: CongestionControl,
): { window: Window | null; near: number[] } {
  const timing = timingOf(trace);
  const adoptions = adoptionsOf(trace, timing);
  const kernel = recordedEnd(trace);
  const mostJ = widestThatExpires(trace);
  let widthJ = 1;
  let firstS = Infinity;
  let lastS = -Infinity;
  const near: { phase: number; offS: number }[] = [];
  for (const jiffiesAtT0 of phasesOf(() => widthJ)) {
    const options = {
      timing,
      adoptions,
      jiffiesAtT0,
      lateness: null,
      sampleTimes: [],
      onlyEnd: true,
      congestionControl,
    };
    const sim = replay(trace, options);
    widthJ = Math.min(mostJ, Math.max(widthJ, sim.widestBucketJ));
    if (sim.outcome !== kernel.outcome) continue;
    const endS = sim.endS ?? 0;
    firstS = Math.min(firstS, endS);
    lastS = Math.max(lastS, endS);
    near.push({ phase: jiffiesAtT0, offS: Math.abs(endS - (kernel.endS ?? 0)) });
  }
  near.sort((a, b) => a.offS - b.offS);
  return {
    window: firstS === Infinity ? null : { firstS, lastS },
    near: near.slice(0, MOST_JUDGED).map((one) => one.phase),
  };
}

/** Of the phases whose end is nearest to the recorded one, that which explains most of the recording. */
function bestVerdict(
  trace: KernelTrace,
  phases: readonly number[],
  congestionControl: CongestionControl,
): Verdict {
  const timing = timingOf(trace);
  const adoptions = adoptionsOf(trace, timing);
  let best: Verdict | null = null;
  for (const jiffiesAtT0 of phases.length > 0 ? phases : [jiffiesOf(0, 0)]) {
    const options = { timing, adoptions, jiffiesAtT0, congestionControl, lateness: null };
    const verdict = judge(trace, options);
    if (best === null || badness(trace, verdict) < badness(trace, best)) best = verdict;
  }
  assert(best !== null, 'no phase was judged');
  return best;
}

function conformWith(trace: KernelTrace, congestionControl: CongestionControl): ConformanceRow {
  const { window, near } = playPhases(trace, congestionControl);
  const row = rowOf(trace, bestVerdict(trace, near, congestionControl), []);
  if (window === null) {
    const remarks = ['no jiffies_at_t0: no phase of the timer wheel gives this outcome'];
    return { ...row, pass: false, remarks: [...remarks, ...row.remarks] };
  }
  const { firstS, lastS } = window;
  const { endS } = recordedEnd(trace);
  const toleranceS = TOLERANCE_JIFFIES / trace.hz;
  const pollS = trace.watchKernel ? trace.sampleS : 0;
  const pass = endS === null || (endS >= firstS - toleranceS && endS <= lastS + toleranceS + pollS);
  const words =
    endS === null
      ? 'the connection survives'
      : `the end lies between ${firstS.toFixed(3)} s and ${lastS.toFixed(3)} s`;
  const remark = `no jiffies_at_t0: over all phases of the timer wheel ${words}`;
  return { ...row, pass, remarks: [remark] };
}

/** Compares a trace whose phase nobody knows. */
export function conformOverPhases(trace: KernelTrace): ConformanceRow {
  let first: ConformanceRow | null = null;
  for (const congestionControl of congestionControls(trace)) {
    const row = conformWith(trace, congestionControl);
    if (row.pass) return row;
    first ??= row;
  }
  assert(first !== null, 'no congestion control was tried');
  return first;
}
