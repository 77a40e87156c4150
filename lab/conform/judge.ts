/**
 * One replay held against the recording: outcome, end, packets, samples.
 *
 * The judge is the same whether the phase of the timer wheel is known or every phase is tried.
 */
import type { ConformanceRow } from '../../model/results/types.ts';
import type { CongestionControl } from '../../sim/kernel/types.ts';
import { fidelityWarnings } from '../../sim/kernel/capabilities.ts';
import { stretchesOf, type Adoption } from './adoption.ts';
import { seqOffset } from './trace.ts';
import { matchSignals, signalsOf, type Matching, type SentEnd, type Signal } from './packets.ts';
import { replay, type Replay, type ReplayOptions } from './replay.ts';
import { differences } from './samples.ts';
import type { KernelTrace, LogEntry, PacketEntry } from './trace.ts';

/** Two ticks: what a timer softirq, a recorder and the rounding of the phase take together. */
export const TOLERANCE_JIFFIES = 2;

/** Below this many packets one may be late; from it on, one in twenty. */
const MANY_PACKETS = 20;

/** Where a recording does not say: bbr, the default of the machine of the first recordings, then Linux's own. */
export function congestionControls(trace: KernelTrace): readonly CongestionControl[] {
  const isKnown =
    trace.congestionControl.server !== null && trace.congestionControl.client !== null;
  return isKnown ? ['bbr'] : ['bbr', 'cubic'];
}

/** How a connection ended. */
export interface End {
  /** Errno name, CLOSED or SURVIVED. */
  readonly outcome: string;
  readonly endS: number | null;
}

/** The end that the recording saw. */
export function recordedEnd(trace: KernelTrace): End {
  const failed = trace.log.find((line) => line.who === trace.watch && line.error !== null);
  if (failed !== undefined) return { outcome: failed.error as string, endS: failed.t };
  const gone = trace.watchKernel
    ? trace.log.find((line) => line.event === 'ss' && line.state === 'none')
    : trace.log.find((line) => line.who === trace.watch && line.event === 'closed');
  return gone === undefined
    ? { outcome: 'SURVIVED', endS: null }
    : { outcome: 'CLOSED', endS: gone.t };
}

/** Distance of the two ends in ms; 0 where the recorder's polling hides it. */
function endErrorMs(trace: KernelTrace, kernel: End, sim: End): number {
  if (kernel.endS === null || sim.endS === null) return kernel.endS === sim.endS ? 0 : Infinity;
  const lagS = kernel.endS - sim.endS;
  if (kernel.outcome === 'CLOSED' && trace.watchKernel && lagS > 0) {
    return Math.max(0, lagS - trace.sampleS) * 1000;
  }
  return Math.abs(lagS) * 1000;
}

/** What was compared, and how it came out. */
export interface Verdict {
  readonly sim: Replay;
  readonly errorMs: number;
  readonly kernelSignals: readonly Signal[];
  readonly simSignals: readonly Signal[];
  readonly matching: Matching;
  readonly compared: number;
  readonly disagreements: readonly string[];
}

/** A recording stops soon after the end; what a kernel answers later is in none. */
const AFTER_END_S = 0.05;

function beforeEnd(packets: readonly PacketEntry[], trace: KernelTrace, end: End): PacketEntry[] {
  const untilS = end.endS === null ? trace.maxS : Math.min(trace.maxS, end.endS + AFTER_END_S);
  return packets.filter((packet) => packet.t <= untilS);
}

/** Whether an instant belongs to what is compared. */
type IsCompared = (t: number) => boolean;

/** The stretches that are compared, as a question. */
function comparedIn(
  trace: KernelTrace,
  { adoptions, timing }: Pick<ReplayOptions, 'adoptions' | 'timing'>,
): IsCompared {
  const stretches = stretchesOf(trace, adoptions, timing);
  return (t) => stretches.some(({ fromS, toS }) => t >= fromS && t < toS);
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

/** The recorded retransmissions, probes and resets of the watched side that are compared. */
export function recordedSignals(
  trace: KernelTrace,
  options: Pick<ReplayOptions, 'adoptions' | 'timing'>,
): Signal[] {
  // Packets of a transfer may be thinned out: how far it had got at a take-over is known all the same.
  const ends = sentEnds(trace, options.adoptions);
  const packets = fromInitialSequence(beforeEnd(trace.packets, trace, recordedEnd(trace)), trace);
  return signalsOf(packets, trace.watch, comparedIn(trace, options), ends);
}

/** The samples that are compared: TCP_INFO of the watched side from t = 0 on. */
function comparedSamples(trace: KernelTrace, isCompared: IsCompared): LogEntry[] {
  return trace.log.filter(
    (entry) =>
      entry.event === 'sample' && entry.who === trace.watch && entry.t >= 0 && isCompared(entry.t),
  );
}

/** Plays the recording once and compares. */
export function judge(trace: KernelTrace, options: Omit<ReplayOptions, 'sampleTimes'>): Verdict {
  const isCompared = comparedIn(trace, options);
  const entries = comparedSamples(trace, isCompared);
  const sim = replay(trace, { ...options, sampleTimes: entries.map((entry) => entry.t) });
  const kernelSignals = recordedSignals(trace, options);
  const simSignals = signalsOf(
    beforeEnd(sim.packets, trace, sim),
    trace.watch,
    isCompared,
    sentEnds(trace, options.adoptions),
  );
  return {
    sim,
    errorMs: endErrorMs(trace, recordedEnd(trace), sim),
    kernelSignals,
    simSignals,
    matching: matchSignals(kernelSignals, simSignals, TOLERANCE_JIFFIES / trace.hz),
    compared: entries.length,
    disagreements: entries.flatMap((entry, index) => {
      const found = differences(entry, sim.samples[index] ?? [], 1e6 / trace.hz);
      return found.length === 0 ? [] : [found.join('; ')];
    }),
  };
}

/** So many recorded packets may be late without the recording being doubted. */
export function allowedLate(packets: number): number {
  return packets < MANY_PACKETS ? 1 : Math.floor(packets / 20);
}

/** Whether enough packets are matched, and the rest only late. */
function packetsAgree(verdict: Verdict): boolean {
  const { matched, unmatched, late } = verdict.matching;
  const total = verdict.kernelSignals.length;
  return unmatched === 0 && late <= allowedLate(total) && matched + late === total;
}

/** What the recording was made with and the simulation cannot follow. */
function fidelityNotes(trace: KernelTrace): string[] {
  const unknown = trace.unknown.map((name) => `${name} is unknown to the simulation and left out`);
  const stored = fidelityWarnings({ ...trace.sysctls.server, ...trace.sysctls.client });
  return [...unknown, ...stored];
}

function complaintsOf(trace: KernelTrace, verdict: Verdict): string[] {
  const { sim, matching } = verdict;
  const complaints: string[] = [];
  if (recordedEnd(trace).outcome !== sim.outcome) {
    complaints.push(`the simulated outcome is ${sim.outcome}`);
  } else if (verdict.errorMs > (TOLERANCE_JIFFIES * 1000) / trace.hz) {
    complaints.push('the ends are too far apart');
  }
  if (!packetsAgree(verdict)) {
    complaints.push(`${matching.unmatched} packets without a partner, ${matching.late} late`);
  }
  const differing = verdict.disagreements.length;
  if (differing > 0) complaints.push(`${differing} of ${verdict.compared} samples differ`);
  return complaints;
}

/** The verdict as a row of the report; `notes` come first among its remarks. */
export function rowOf(trace: KernelTrace, verdict: Verdict, notes: string[]): ConformanceRow {
  const { sim, matching } = verdict;
  const kernel = recordedEnd(trace);
  const complaints = complaintsOf(trace, verdict);
  const ms = (s: number | null): number | null => (s === null ? null : Math.round(s * 1e4) / 10);
  return {
    name: trace.name,
    outcome: { kernel: kernel.outcome, sim: sim.outcome },
    endMs: { kernel: ms(kernel.endS), sim: ms(sim.endS) },
    errorMs: Number.isFinite(verdict.errorMs) ? Math.round(verdict.errorMs * 10) / 10 : -1,
    packets: {
      kernel: verdict.kernelSignals.length,
      sim: verdict.simSignals.length,
      matched: matching.matched,
      maxErrorMs: Math.round(matching.maxErrorMs * 10) / 10,
    },
    samples: {
      compared: verdict.compared,
      agreed: verdict.compared - verdict.disagreements.length,
    },
    pass: complaints.length === 0,
    remarks: [...notes, ...fidelityNotes(trace), ...complaints, ...verdict.disagreements],
  };
}

/** Whether nothing at all differs, samples included. */
export function isPerfect(row: ConformanceRow): boolean {
  return row.pass && row.samples.agreed === row.samples.compared;
}

/** Smaller is better: first whether it passes, then the outcome, packets, samples, and the end. */
export function badness(trace: KernelTrace, verdict: Verdict): number {
  const fails = complaintsOf(trace, verdict).length > 0 ? 1e10 : 0;
  const outcome = recordedEnd(trace).outcome === verdict.sim.outcome ? 0 : 1e9;
  const end = Math.min(verdict.errorMs, 1e6);
  const packets = verdict.matching.unmatched * 1e6 + verdict.matching.late * 1e5;
  return fails + outcome + packets + verdict.disagreements.length * 1e4 + end;
}
