/**
 * Conformance without a phase: the recorded end must lie in the window of the ends of all phases.
 *
 * A timer in a bucket of n jiffies depends on the phase modulo n, so as many phases are played as the
 * widest bucket in use is wide; and each again on a machine that runs its timers a tick late, as they do.
 */
import { assert } from '../../model/assert.ts';
import type { ConformanceRow } from '../../model/results/types.ts';
import { adoptionsOf, arrivalsOf, type Adoption } from './adoption.ts';
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
import { alwaysLate } from './lateness.ts';
import { replay, type ReplayOptions } from './replay.ts';
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
    for (const fraction of FRACTIONS) yield BASE_JIFFY + k * stride + (k % stride) + fraction;
  }
}

/** A phase, and how far from the recorded end its replay ended. */
interface Played {
  readonly jiffiesAtT0: number;
  readonly adoptions: readonly Adoption[];
  readonly endS: number;
}

/** Plays all phases, without samples: only ends with the recorded outcome are wanted. */
function playPhases(
  trace: KernelTrace,
  options: Pick<ReplayOptions, 'timing' | 'adoptions' | 'congestionControl' | 'lateness'>,
): Played[] {
  const { outcome } = recordedEnd(trace);
  const mostJ = widestThatExpires(trace);
  const played: Played[] = [];
  let widthJ = 1;
  for (const jiffiesAtT0 of phasesOf(() => widthJ)) {
    const sim = replay(trace, { ...options, jiffiesAtT0, sampleTimes: [], onlyEnd: true });
    widthJ = Math.min(mostJ, Math.max(widthJ, sim.widestBucketJ));
    const { adoptions } = options;
    if (sim.outcome === outcome) played.push({ jiffiesAtT0, adoptions, endS: sim.endS ?? 0 });
  }
  return played;
}

/** All phases of a punctual machine, and of one whose timers are a tick late. */
function playAll(trace: KernelTrace, congestionControl: CongestionControl): Played[] {
  const timing = timingOf(trace);
  const arrivals = arrivalsOf(adoptionsOf(trace, timing), trace.hz);
  return [null, alwaysLate(1 / trace.hz)].flatMap((lateness) =>
    arrivals.flatMap((adoptions) =>
      playPhases(trace, { timing, adoptions, congestionControl, lateness }),
    ),
  );
}

/** Of the phases whose end is nearest to the recorded one, that which explains most of the recording. */
function bestVerdict(
  trace: KernelTrace,
  played: readonly Played[],
  congestionControl: CongestionControl,
): Verdict {
  const timing = timingOf(trace);
  const endS = recordedEnd(trace).endS ?? 0;
  const near = played
    .toSorted((a, b) => Math.abs(a.endS - endS) - Math.abs(b.endS - endS))
    .slice(0, MOST_JUDGED);
  const anyPhase = { jiffiesAtT0: BASE_JIFFY, adoptions: adoptionsOf(trace, timing) };
  let best: Verdict | null = null;
  for (const { jiffiesAtT0, adoptions } of near.length > 0 ? near : [anyPhase]) {
    const options = { timing, adoptions, jiffiesAtT0, congestionControl, lateness: null };
    const verdict = judge(trace, options);
    if (best === null || badness(trace, verdict) < badness(trace, best)) best = verdict;
  }
  assert(best !== null, 'no phase was judged');
  return best;
}

function conformWith(trace: KernelTrace, congestionControl: CongestionControl): ConformanceRow {
  const played = playAll(trace, congestionControl);
  const row = rowOf(trace, bestVerdict(trace, played, congestionControl), []);
  if (played.length === 0) {
    const remark = 'no jiffies_at_t0: no phase of the timer wheel gives this outcome';
    return { ...row, pass: false, remarks: [remark, ...row.remarks] };
  }
  const { endS } = recordedEnd(trace);
  const firstS = played.reduce((first, one) => Math.min(first, one.endS), Infinity);
  const lastS = played.reduce((last, one) => Math.max(last, one.endS), -Infinity);
  const toleranceS = TOLERANCE_JIFFIES / trace.hz;
  const pollS = trace.watchKernel ? trace.sampleS : 0;
  const pass = endS === null || (endS >= firstS - toleranceS && endS <= lastS + toleranceS + pollS);
  const words =
    endS === null
      ? 'the connection survives'
      : `the end lies between ${firstS.toFixed(3)} s and ${lastS.toFixed(3)} s`;
  const remark = `no jiffies_at_t0: over all phases of the timer wheel ${words}`;
  return { ...row, pass, remarks: [remark, ...row.remarks] };
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
