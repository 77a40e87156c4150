/**
 * Conformance without a phase: some phase of the timer wheel must give the recorded end and every recorded packet.
 *
 * A timer in a bucket of n jiffies depends on the phase modulo n, so as many phases are played as the widest bucket in use
 * is wide, on a punctual machine and on one that ran its timers as late as the recording shows.
 */
import { assert } from '../../model/assert.ts';
import type { ConformanceRow } from '../../model/results/types.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import { adoptionsOf, arrivalsOf, type Adoption } from './adoption.ts';
import { contradictionsOf } from './contradictions.ts';
import { endsAgree, recordedEnd } from './ends.ts';
import {
  badness,
  congestionControls,
  judge,
  packetsBetween,
  recordedSignals,
  rowOf,
  type Verdict,
} from './judge.ts';
import { latenessOf } from './lateness.ts';
import { replay } from './replay.ts';
import { connectTimes, timingOf } from './timing.ts';
import { isVirtualTime, LATE_JIFFIES, toleranceOf } from './tolerance.ts';
import type { KernelTrace } from './trace.ts';

/** A multiple of every bucket's width (8^8 jiffies). */
const BASE_JIFFY = 8 ** 8 * 256;

/** Where no timer is seen to run: a phase begins somewhere within a jiffy. */
const FRACTIONS = [0, 0.25, 0.5, 0.75];

/** Beyond this many phases only so many, spread over all residues of the narrower buckets, are played. */
const MOST_PHASES = 4096;

/** So many phases are compared in full, samples and all. */
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

/** The instant within a jiffy at which ticks fall: just before most of the packets that timers sent. */
function fractionsOf(trace: KernelTrace, signalsS: readonly number[]): readonly number[] {
  const within = signalsS.map((t) => (((t * trace.hz) % 1) + 1) % 1);
  const spread = (tick: number): number =>
    within.reduce((sum, one) => sum + ((one - tick + 1) % 1), 0);
  const [first] = within.toSorted((a, b) => spread(a) - spread(b));
  return first === undefined ? FRACTIONS : [(1 - first) % 1];
}

/** Every phase that differs from the others, or a spread of them. */
function* phasesOf(widthOf: () => number, fractions: readonly number[]): Generator<number> {
  // The width may grow while phases are played: another phase may reach a wider bucket.
  for (let k = 0; k < Math.min(widthOf(), MOST_PHASES); k += 1) {
    const stride = Math.max(1, widthOf() / MOST_PHASES);
    for (const fraction of fractions) yield BASE_JIFFY + k * stride + (k % stride) + fraction;
  }
}

/** One way to play it. */
interface Setting {
  readonly congestionControl: CongestionControl;
  readonly adoptions: readonly Adoption[];
  readonly isLate: boolean;
  readonly connectAt: number;
}

/** A phase, and how many packets of its replay have no equal; an end that is wrong counts as all of them. */
interface Played extends Setting {
  readonly jiffiesAtT0: number;
  readonly unequal: number;
}

function optionsFor(trace: KernelTrace, setting: Setting, jiffiesAtT0: number) {
  const { adoptions, congestionControl, isLate, connectAt } = setting;
  const timing = { ...timingOf(trace), connectAt };
  const signals = recordedSignals(trace, { adoptions, timing }).map(({ t }) => t);
  const limits = { usualTicks: LATE_JIFFIES };
  const lateness = isLate ? latenessOf(trace, signals, limits) : null;
  return { timing, adoptions, congestionControl, jiffiesAtT0, lateness };
}

/** All phases of one setting, without samples. */
function playPhases(trace: KernelTrace, setting: Setting): Played[] {
  const tolerance = toleranceOf(trace, 0);
  const timing = timingOf(trace);
  const signals = recordedSignals(trace, { ...setting, timing }).map(({ t }) => t);
  const mostJ = widestThatExpires(trace);
  const played: Played[] = [];
  let widthJ = 1;
  for (const jiffiesAtT0 of phasesOf(() => widthJ, fractionsOf(trace, signals))) {
    const options = optionsFor(trace, setting, jiffiesAtT0);
    const sim = replay(trace, { ...options, sampleTimes: [], onlyEnd: true });
    widthJ = Math.min(mostJ, Math.max(widthJ, sim.widestBucketJ));
    const hasEnded = endsAgree(trace, sim, tolerance);
    const compared = packetsBetween(trace, { sim, tolerance }, options, -Infinity, Infinity);
    const unequal = hasEnded ? compared.mismatches.length : Infinity;
    played.push({ ...setting, jiffiesAtT0, unequal });
    if (unequal === 0) break;
  }
  return played;
}

/** Every congestion control that is possible, on a punctual machine and on a late one. */
function settingsOf(trace: KernelTrace): Setting[] {
  const arrivals = arrivalsOf(adoptionsOf(trace, timingOf(trace)), trace.hz);
  const machines = isVirtualTime(trace) ? [false] : [false, true];
  return congestionControls(trace).flatMap((congestionControl) =>
    machines.flatMap((isLate) =>
      arrivals.flatMap((adoptions) =>
        connectTimes(trace, timingOf(trace)).map((connectAt) => {
          return { congestionControl, adoptions, isLate, connectAt };
        }),
      ),
    ),
  );
}

/** Compares a trace whose phase nobody knows. */
export function conformOverPhases(trace: KernelTrace): ConformanceRow {
  let best: Verdict | null = null;
  let tried = 0;
  const settings = settingsOf(trace);
  // What contradicts itself is played once, for its row.
  const toPlay = contradictionsOf(trace).length > 0 ? settings.slice(0, 1) : settings;
  for (const setting of toPlay) {
    const played = playPhases(trace, setting).toSorted((a, b) => a.unequal - b.unequal);
    tried += played.length;
    for (const one of played.slice(0, MOST_JUDGED)) {
      const options = optionsFor(trace, one, one.jiffiesAtT0);
      const verdict = judge(trace, options, toleranceOf(trace, 0));
      if (best === null || badness(trace, verdict) < badness(trace, best)) best = verdict;
      const row = rowOf(trace, verdict, ['no jiffies_at_t0: a phase of the timer wheel fits']);
      if (row.pass) return row;
    }
  }
  assert(best !== null, 'no phase was judged');
  return rowOf(trace, best, [`no jiffies_at_t0: none of ${tried} phases of the timer wheel fits`]);
}
