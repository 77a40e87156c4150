/**
 * One replay held against the recording: outcome, end, every packet of both sides, every sample.
 *
 * The judge is the same whether the phase of the timer wheel is known or every phase is tried.
 */
import type { ConformanceRow } from '../../model/results/types.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import { fidelityWarnings } from '../../sim/kernel/capabilities.ts';
import { stretchesOf, type Adoption } from './adoption.ts';
import { contradictionsOf } from './contradictions.ts';
import { endErrorMs, endsAgree, recordedEnd } from './ends.ts';
import { isThinned, recordedMarks, simulatedMarks, type Mark } from './marks.ts';
import { compareMarks, type Comparison } from './match.ts';
import { signalsOf, type SentEnd, type Signal } from './signals.ts';
import { replay, type Replay, type ReplayOptions } from './replay.ts';
import { differences } from './samples.ts';
import type { Tolerance } from './tolerance.ts';
import { seqOffset } from './numbers.ts';
import type { KernelTrace, LogEntry, PacketEntry } from './trace.ts';

/** Where a recording does not say: bbr, the default of the machine of the first recordings, then Linux's own. */
export function congestionControls(trace: KernelTrace): readonly CongestionControl[] {
  const isKnown =
    trace.congestionControl.server !== null && trace.congestionControl.client !== null;
  return isKnown ? ['bbr'] : ['bbr', 'cubic'];
}

/** What was compared, and how it came out. */
export interface Verdict {
  readonly sim: Replay;
  readonly tolerance: Tolerance;
  readonly errorMs: number;
  readonly packets: Comparison;
  readonly compared: number;
  readonly disagreements: readonly string[];
}

/** A recording stops soon after the end; what a kernel answers later is in none. */
const AFTER_END_S = 0.02;

/** Until when packets are compared. */
function comparedUntil(trace: KernelTrace): number {
  return Math.min(trace.maxS, (recordedEnd(trace).endS ?? Infinity) + AFTER_END_S);
}

/** Whether an instant belongs to what is compared. */
type IsCompared = (t: number) => boolean;

/** The stretches that are compared, as a question. */
function comparedIn(
  trace: KernelTrace,
  { adoptions, timing }: Pick<ReplayOptions, 'adoptions' | 'timing'>,
): IsCompared {
  const stretches = stretchesOf(trace, adoptions, timing);
  const untilS = comparedUntil(trace);
  return (t) => t <= untilS && stretches.some(({ fromS, toS }) => t >= fromS && t < toS);
}

/** What a replay had sent at its take-overs. */
function sentEnds(trace: KernelTrace, adoptions: readonly Adoption[]): SentEnd[] {
  const synBytes = trace.watch === 'server' ? 1 : 0;
  return adoptions.map(({ t, sender }) => ({
    t,
    end: sender.bytesAcked + synBytes + sender.inFlightBytes,
  }));
}

/** The watched side's packets with sequence numbers from 0, which then do not wrap. */
function fromInitialSequence(packets: readonly PacketEntry[], trace: KernelTrace): PacketEntry[] {
  const own = packets.filter((packet) => packet.from === trace.watch);
  const syn = own.find((packet) => packet.flags.includes('S'));
  return own.map((packet) => ({ ...packet, seq: seqOffset(packet.seq, syn?.seq ?? 0) }));
}

/** The recorded retransmissions, probes and resets of the watched side: what its timers sent. */
export function recordedSignals(
  trace: KernelTrace,
  options: Pick<ReplayOptions, 'adoptions' | 'timing'>,
): Signal[] {
  // Packets of a transfer may be thinned out: how far it had got at a take-over is known all the same.
  const ends = sentEnds(trace, options.adoptions);
  const packets = fromInitialSequence(trace.packets, trace);
  return signalsOf(packets, trace.watch, comparedIn(trace, options), ends);
}

/** The samples that are compared: TCP_INFO of the watched side from t = 0 on. */
function comparedSamples(trace: KernelTrace, isCompared: IsCompared): LogEntry[] {
  return trace.log.filter(
    (entry) =>
      entry.event === 'sample' && entry.who === trace.watch && entry.t >= 0 && isCompared(entry.t),
  );
}

/**
 * Of a recording with packets left out, only what the watched side sent after the transfer is whole. What was on its way into a cut
 * at a take-over is not played, so its answers, which are lost, are not compared.
 */
function comparedMarks(
  trace: KernelTrace,
  marks: readonly Mark[],
  isCompared: IsCompared,
  adoptions: readonly Adoption[],
): Mark[] {
  const whole = !isThinned(trace);
  const cuts = adoptions.filter(({ sender }) => sender.windowBytes > 0);
  const isAnswer = ({ t, from, isLost }: Mark): boolean =>
    isLost &&
    from !== trace.watch &&
    cuts.some((cut) => t >= cut.t && t < cut.t + trace.rttMs / 1000 + AFTER_END_S);
  return marks.filter(
    (mark) =>
      isCompared(mark.t) &&
      (whole || (mark.from === trace.watch && mark.t >= 0)) &&
      !isAnswer(mark),
  );
}

/** How the packets between two instants agree. */
export function packetsBetween(
  trace: KernelTrace,
  { sim, tolerance }: Pick<Verdict, 'sim' | 'tolerance'>,
  options: Pick<ReplayOptions, 'adoptions' | 'timing'>,
  fromS: number,
  toS: number,
): Comparison {
  const isCompared = comparedIn(trace, options);
  const isBetween: IsCompared = (t) => t >= fromS && t < toS && isCompared(t);
  const simulated = trace.hasPackets ? simulatedMarks(trace, sim.packets) : [];
  return compareMarks(
    comparedMarks(trace, recordedMarks(trace), isBetween, options.adoptions),
    comparedMarks(trace, simulated, isBetween, options.adoptions),
    tolerance,
  );
}

/** Plays the recording once and compares. */
export function judge(
  trace: KernelTrace,
  options: Omit<ReplayOptions, 'sampleTimes'>,
  tolerance: Tolerance,
): Verdict {
  const isCompared = comparedIn(trace, options);
  const entries = comparedSamples(trace, isCompared);
  const sim = replay(trace, { ...options, sampleTimes: entries.map((entry) => entry.t) });
  return {
    sim,
    tolerance,
    errorMs: endErrorMs(trace, sim),
    packets: packetsBetween(trace, { sim, tolerance }, options, -Infinity, Infinity),
    compared: entries.length,
    disagreements: entries.flatMap((entry, index) => {
      const found = differences(entry, sim.samples[index] ?? [], 1e6 / trace.hz);
      return found.length === 0 ? [] : [found.join('; ')];
    }),
  };
}

/** What the recording was made with and the simulation cannot follow. */
function fidelityNotes(trace: KernelTrace): string[] {
  const unknown = trace.unknown.map((name) => `${name} is unknown to the simulation and left out`);
  const stored = fidelityWarnings({ ...trace.sysctls.server, ...trace.sysctls.client });
  return [...unknown, ...stored];
}

/** Whether there was anything to hold the replay against. */
function isEmpty(trace: KernelTrace, { packets, compared }: Verdict): boolean {
  return recordedEnd(trace).endS === null && packets.kernel === 0 && compared === 0;
}

function complaintsOf(trace: KernelTrace, verdict: Verdict): string[] {
  const { sim, packets, tolerance } = verdict;
  const complaints: string[] = [...contradictionsOf(trace)];
  if (isEmpty(trace, verdict)) complaints.push('nothing compared');
  if (recordedEnd(trace).outcome !== sim.outcome) {
    complaints.push(`the simulated outcome is ${sim.outcome}`);
  } else if (!endsAgree(trace, sim, tolerance)) {
    complaints.push('the ends are too far apart');
  }
  const unequal = packets.mismatches.length;
  if (unequal > 0) complaints.push(`${unequal} packets differ`, ...packets.mismatches.slice(0, 3));
  const differing = verdict.disagreements.length;
  if (differing > 0) complaints.push(`${differing} of ${verdict.compared} samples differ`);
  return complaints;
}

/** The verdict as a row of the report; `notes` come first among its remarks. */
export function rowOf(trace: KernelTrace, verdict: Verdict, notes: string[]): ConformanceRow {
  const { sim, packets } = verdict;
  const kernel = recordedEnd(trace);
  const complaints = complaintsOf(trace, verdict);
  const ms = (s: number | null): number | null => (s === null ? null : Math.round(s * 1e4) / 10);
  return {
    name: trace.name,
    outcome: { kernel: kernel.outcome, sim: sim.outcome },
    endMs: { kernel: ms(kernel.endS), sim: ms(sim.endS) },
    errorMs: Number.isFinite(verdict.errorMs) ? Math.round(verdict.errorMs * 10) / 10 : -1,
    packets: {
      kernel: packets.kernel,
      sim: packets.sim,
      matched: packets.matched,
      maxErrorMs: Math.round(packets.maxErrorMs * 10) / 10,
    },
    samples: {
      compared: verdict.compared,
      agreed: verdict.compared - verdict.disagreements.length,
    },
    pass: complaints.length === 0,
    remarks: [...notes, ...fidelityNotes(trace), ...complaints, ...verdict.disagreements],
  };
}

/** Smaller is better: first whether it passes, then the outcome, packets, samples, and the end. */
export function badness(trace: KernelTrace, verdict: Verdict): number {
  const fails = complaintsOf(trace, verdict).length > 0 ? 1e10 : 0;
  const outcome = recordedEnd(trace).outcome === verdict.sim.outcome ? 0 : 1e9;
  const end = Math.min(verdict.errorMs, 1e6);
  const packets = verdict.packets.mismatches.length * 1e5;
  return fails + outcome + packets + verdict.disagreements.length * 1e4 + end;
}
