/**
 * Conformance with a known phase: one replay should agree to two jiffies.
 *
 * A recording is not exact, and what it is uncertain about is tried, least first: `jiffies_at_t0` is right
 * to about one jiffy; the recorded machine ran some timers a tick late; the ACK that a replay starts from
 * may have reached the sender on the next tick; the instant of connect(2) may be missing. The first replay
 * that agrees in everything holds, else the best one, and the row's remarks say what it took.
 */
import { assert } from '../../model/assert.ts';
import type { ConformanceRow } from '../../model/results/types.ts';
import { contradictionsOf } from './contradictions.ts';
import { adoptionsOf, arrivalsOf, variantsOf, type Adoption } from './adoption.ts';
import {
  badness,
  congestionControls,
  judge,
  packetsBetween,
  recordedSignals,
  rowOf,
  type Verdict,
} from './judge.ts';
import { latenessOf, type LatenessLimits } from './lateness.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import { connectTimes, timingOf, type Timing } from './timing.ts';
import { isVirtualTime, LATE_JIFFIES, toleranceOf } from './tolerance.ts';
import type { KernelTrace } from './trace.ts';

/** Jiffies by which `jiffies_at_t0` may be off. */
const PHASE_CORRECTIONS = [0, -1, 1, -0.5, 0.5, -0.25, 0.25];

/** In virtual time the recorder reads its clocks at one and the same instant. */
function correctionsOf(trace: KernelTrace): readonly number[] {
  return isVirtualTime(trace) ? [0] : PHASE_CORRECTIONS;
}

/** One way to read an inexact recording. */
interface Reading {
  readonly correction: number;
  readonly timing: Timing;
  readonly adoptions: readonly Adoption[];
  readonly limits: LatenessLimits | null;
  readonly congestionControl: CongestionControl;
}

/** Everything that is tried, in this order: what is known best is varied last. */
function* readingsOf(trace: KernelTrace): Generator<Reading> {
  for (const congestionControl of congestionControls(trace)) {
    yield* readingsWith(trace, congestionControl);
  }
}

function* readingsWith(
  trace: KernelTrace,
  congestionControl: CongestionControl,
): Generator<Reading> {
  const timing = timingOf(trace);
  const adoptions = adoptionsOf(trace, timing);
  for (const limits of latenessLimits(trace)) {
    for (const correction of correctionsOf(trace)) {
      for (const arrived of arrivalsOf(adoptions, trace.hz)) {
        for (const connectAt of connectTimes(trace, timing)) {
          const at = { ...timing, connectAt };
          yield { correction, timing: at, adoptions: arrived, limits, congestionControl };
        }
      }
    }
  }
}

/** Punctual timers first, then as late as they are on any machine; in virtual time they are never late. */
function latenessLimits(trace: KernelTrace): readonly (LatenessLimits | null)[] {
  return isVirtualTime(trace) ? [null] : [null, { usualTicks: LATE_JIFFIES }];
}

function notesOf(reading: Reading): string[] {
  const notes: string[] = [];
  if (reading.correction !== 0) {
    notes.push(`jiffies_at_t0 corrected by ${reading.correction} within its precision`);
  }
  if (reading.congestionControl !== 'bbr') {
    notes.push(`with ${reading.congestionControl} where the recording names no congestion control`);
  }
  if (reading.limits !== null) {
    notes.push(
      'some timers of the recorded machine ran late; what they armed is counted from there',
    );
  }
  return notes;
}

/** How much worse packets may agree under a correction of the phase than without it, ms: noise of the recorder. */
const CORRECTION_SLACK_MS = 0.5;

/** A correction of the phase shifts every timer: it is no excuse for an end that alone is off. */
function isSupported(plain: Verdict | null, corrected: Verdict): boolean {
  if (plain === null || plain.packets.mismatches.length > 0) return true;
  return corrected.packets.meanErrorMs <= plain.packets.meanErrorMs + CORRECTION_SLACK_MS;
}

function judgeReading(trace: KernelTrace, jiffiesAtT0: number, reading: Reading): Verdict {
  const { adoptions, limits, timing, congestionControl } = reading;
  const sentS = recordedSignals(trace, reading).map((signal) => signal.t);
  const lateness = limits === null ? null : latenessOf(trace, sentS, limits);
  return judge(
    trace,
    {
      timing,
      adoptions,
      congestionControl,
      jiffiesAtT0: jiffiesAtT0 + reading.correction,
      lateness,
    },
    toleranceOf(trace, reading.correction),
  );
}

/**
 * What a take-over leaves open is open for each one by itself: of all variants the one that explains the packets up
 * to the next take-over.
 */
function bestTakeOvers(trace: KernelTrace, jiffiesAtT0: number, reading: Reading): Adoption[] {
  const adoptions = adoptionsOf(trace, reading.timing);
  const tried = variantsOf(adoptions, trace.hz).map((variant) => ({
    variant,
    verdict: judgeReading(trace, jiffiesAtT0, { ...reading, adoptions: variant }),
  }));
  return adoptions.map((plain, index) => {
    let best = { badness: Infinity, adoption: plain };
    for (const { variant, verdict } of tried) {
      const adoption = variant[index] ?? plain;
      const untilS = adoptions[index + 1]?.t ?? Infinity;
      const { mismatches, meanErrorMs } = packetsBetween(trace, verdict, reading, plain.t, untilS);
      const found = mismatches.length + meanErrorMs / 1e3;
      if (found < best.badness) best = { badness: found, adoption };
    }
    return best.adoption;
  });
}

/** Readings in which each take-over is the best of its variants. */
function* refined(trace: KernelTrace, jiffiesAtT0: number, from: Reading): Generator<Reading> {
  if (from.adoptions.length === 0) return;
  for (const limits of latenessLimits(trace)) {
    const reading = { ...from, limits };
    yield { ...reading, adoptions: bestTakeOvers(trace, jiffiesAtT0, reading) };
  }
}

/** So many packets without an equal are another transfer, not another phase. */
const HOPELESS_PACKETS = 100;

/** Compares a trace at the phase it was recorded with. */
export function conformAtPhase(trace: KernelTrace, jiffiesAtT0: number): ConformanceRow {
  let plain: Verdict | null = null;
  let best: { verdict: Verdict; reading: Reading } | null = null;
  const isHopeless = ({ packets }: Verdict): boolean =>
    packets.mismatches.length > Math.max(HOPELESS_PACKETS, packets.kernel / 2);
  for (const reading of readingsOf(trace)) {
    const isOther = reading.congestionControl !== best?.reading.congestionControl;
    if (plain !== null && !isOther && isHopeless(plain)) continue;
    const verdict = judgeReading(trace, jiffiesAtT0, reading);
    if (reading.correction === 0) plain = verdict;
    else if (!isSupported(plain, verdict)) continue;
    const row = rowOf(trace, verdict, notesOf(reading));
    if (row.pass || contradictionsOf(trace).length > 0) return row;
    if (best !== null && badness(trace, verdict) >= badness(trace, best.verdict)) continue;
    best = { verdict, reading };
  }
  assert(best !== null, 'no reading was tried');
  if (isHopeless(best.verdict)) return rowOf(trace, best.verdict, notesOf(best.reading));
  for (const reading of refined(trace, jiffiesAtT0, best.reading)) {
    const verdict = judgeReading(trace, jiffiesAtT0, reading);
    const row = rowOf(trace, verdict, notesOf(reading));
    if (row.pass) return row;
    if (badness(trace, verdict) < badness(trace, best.verdict)) best = { verdict, reading };
  }
  return rowOf(trace, best.verdict, notesOf(best.reading));
}
