/**
 * Conformance: a recorded kernel trace against the simulated kernel.
 *
 * With the recorded jiffy phase the simulation must agree to two jiffies. Without it every phase of
 * the timer wheel that can matter is played, and the recorded end must lie within what they give.
 */
import { assert } from '../../model/assert.ts';
import type { ConformanceRow } from '../../model/results/types.ts';
import { fidelityWarnings } from '../../sim/kernel/capabilities.ts';
import { matchSignals, signalsOf, type Matching } from './packets.ts';
import { replay, type Replay } from './replay.ts';
import { differences } from './samples.ts';
import type { KernelTrace, LogEntry, PacketEntry } from './trace.ts';

export { parseKernelTrace } from './parse.ts';
export type { KernelTrace } from './trace.ts';

/** Two ticks: what a timer softirq, a recorder and the rounding of the phase take together. */
const TOLERANCE_JIFFIES = 2;

/** `jiffies_at_t0` is right to about one jiffy: these corrections are tried, the first that agrees holds. */
const PHASE_CORRECTIONS = [0, -1, 1, -0.5, 0.5];

/** A transfer of more than the first congestion window depends on congestion control. */
const BULK_BYTES = 14_480;

/** Below this many packets one may be late; from it on, one in twenty. */
const MANY_PACKETS = 20;

interface End {
  readonly outcome: string;
  readonly endS: number | null;
}

function recordedEnd(trace: KernelTrace): End {
  const failed = trace.log.find((line) => line.who === trace.watch && line.error !== null);
  if (failed !== undefined) return { outcome: failed.error as string, endS: failed.t };
  if (trace.watchKernel) {
    const gone = trace.log.find((line) => line.event === 'ss' && line.state === 'none');
    return gone === undefined
      ? { outcome: 'SURVIVED', endS: null }
      : { outcome: 'CLOSED', endS: gone.t };
  }
  const closed = trace.log.find((line) => line.who === trace.watch && line.event === 'closed');
  return closed === undefined
    ? { outcome: 'SURVIVED', endS: null }
    : { outcome: 'CLOSED', endS: closed.t };
}

/** From when on a trace is compared: its beginning, or after a bulk transfer. */
function comparedFrom(trace: KernelTrace): number {
  const isBulk = trace.actions.some(
    (action) => action.what === 'write' && Number(action.args[0]) > BULK_BYTES,
  );
  if (!isBulk) return -Infinity;
  const shut = trace.packets.find(
    (packet) => packet.from !== trace.watch && packet.window === 0 && !packet.flags.includes('R'),
  );
  const cut = trace.log.find((line) => line.who === 'wire' && line.what === 'drop');
  return Math.min(shut?.t ?? Infinity, cut?.t ?? Infinity) + trace.rttMs / 2000;
}

function isLateSample(entry: LogEntry, fromS: number, trace: KernelTrace): boolean {
  return entry.event === 'sample' && entry.who === trace.watch && entry.t >= Math.max(fromS, 0);
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

interface Verdict {
  readonly sim: Replay;
  readonly errorMs: number;
  readonly kernelPackets: number;
  readonly simPackets: number;
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

function judge(
  trace: KernelTrace,
  kernel: End,
  jiffies: number,
  connectAt: number | null,
): Verdict {
  const fromS = comparedFrom(trace);
  const entries = trace.log.filter((entry) => isLateSample(entry, fromS, trace));
  const times = entries.map((entry) => entry.t);
  const sim = replay(trace, jiffies, times, connectAt);
  const toleranceS = TOLERANCE_JIFFIES / trace.hz;
  const kernelSignals = signalsOf(beforeEnd(trace.packets, trace, kernel), trace.watch, fromS);
  const simSignals = signalsOf(beforeEnd(sim.packets, trace, sim), trace.watch, fromS);
  return {
    sim,
    errorMs: endErrorMs(trace, kernel, sim),
    kernelPackets: kernelSignals.length,
    simPackets: simSignals.length,
    matching: matchSignals(kernelSignals, simSignals, toleranceS),
    compared: entries.length,
    disagreements: entries.flatMap((entry, index) => {
      const found = differences(entry, sim.samples[index] ?? []);
      return found.length === 0 ? [] : [found.join('; ')];
    }),
  };
}

/** Whether enough packets are matched, and the rest only late. */
function packetsAgree(verdict: Verdict): boolean {
  const { matched, unmatched, late } = verdict.matching;
  const total = verdict.kernelPackets;
  const allowedLate = total < MANY_PACKETS ? 1 : Math.floor(total / 20);
  return unmatched === 0 && late <= allowedLate && matched + late === total;
}

/** What the recording was made with and the simulation cannot follow. */
function fidelityNotes(trace: KernelTrace): string[] {
  const unknown = trace.unknownSysctls.map((name) => `${name} is unknown to the kernel model`);
  const stored = fidelityWarnings({ ...trace.sysctls.server, ...trace.sysctls.client });
  return [...unknown, ...stored];
}

function rowOf(trace: KernelTrace, kernel: End, verdict: Verdict, notes: string[]): ConformanceRow {
  const { sim, matching } = verdict;
  const toleranceMs = (TOLERANCE_JIFFIES * 1000) / trace.hz;
  const remarks = [...notes];
  remarks.push(...fidelityNotes(trace));
  const silent = remarks.length;
  if (kernel.outcome !== sim.outcome) remarks.push(`the simulated outcome is ${sim.outcome}`);
  else if (verdict.errorMs > toleranceMs) remarks.push('the ends are too far apart');
  if (!packetsAgree(verdict)) {
    remarks.push(`${matching.unmatched} packets without a partner, ${matching.late} late`);
  }
  const complaints = remarks.length - silent + verdict.disagreements.length;
  remarks.push(...verdict.disagreements);
  const ms = (s: number | null): number | null => (s === null ? null : Math.round(s * 1e4) / 10);
  return {
    name: trace.name,
    outcome: { kernel: kernel.outcome, sim: sim.outcome },
    endMs: { kernel: ms(kernel.endS), sim: ms(sim.endS) },
    errorMs: Number.isFinite(verdict.errorMs) ? Math.round(verdict.errorMs * 10) / 10 : -1,
    packets: {
      kernel: verdict.kernelPackets,
      sim: verdict.simPackets,
      matched: matching.matched,
      maxErrorMs: Math.round(matching.maxErrorMs * 10) / 10,
    },
    samples: {
      compared: verdict.compared,
      agreed: verdict.compared - verdict.disagreements.length,
    },
    pass: complaints === 0,
    remarks,
  };
}

/** Smaller is better: first the outcome, then packets, samples, and the end. */
function badness(kernel: End, verdict: Verdict): number {
  const outcome = kernel.outcome === verdict.sim.outcome ? 0 : 1e9;
  const end = Math.min(verdict.errorMs, 1e6);
  const packets = verdict.matching.unmatched * 1e6 + verdict.matching.late * 1e5;
  return outcome + packets + verdict.disagreements.length * 1e4 + end;
}

/**
 * The instant of connect(2) is not in a trace whose first SYN was held back by address resolution. Every
 * jiffy that explains the recorded second SYN is tried.
 */
function connectCandidates(trace: KernelTrace): (number | null)[] {
  if (!trace.startDropped) return [null];
  const syns = trace.packets.filter((packet) => packet.from === 'client' && packet.flags === 'S');
  const [first, second] = syns;
  if (first === undefined || second === undefined || second.t - first.t >= 1) return [null];
  const candidates: number[] = [];
  // One second on the wheel is late by up to eight ticks (level 1), and the tick itself counts.
  for (let late = 0; late <= 9; late += 1) candidates.push(second.t - 1 - late / trace.hz);
  return candidates;
}

function conformAtPhase(trace: KernelTrace, kernel: End, jiffies: number): ConformanceRow {
  let best: { verdict: Verdict; row: ConformanceRow } | null = null;
  for (const correction of PHASE_CORRECTIONS) {
    for (const connectAt of connectCandidates(trace)) {
      const verdict = judge(trace, kernel, jiffies + correction, connectAt);
      if (best !== null && badness(kernel, verdict) >= badness(kernel, best.verdict)) continue;
      const notes =
        correction === 0 ? [] : [`jiffies_at_t0 corrected by ${correction} within its precision`];
      best = { verdict, row: rowOf(trace, kernel, verdict, notes) };
    }
    if (best?.row.pass === true) break;
  }
  assert(best !== null, 'no phase was tried');
  return best.row;
}

/** Ends over all phases are looked at in steps of this many jiffies of a bucket of level 3. */
const PHASES = 512;

/** Without a phase: the recorded end must lie in the window of the simulated ones. */
function conformOverPhases(trace: KernelTrace, kernel: End): ConformanceRow {
  let first = Infinity;
  let last = -Infinity;
  let nearest: Verdict | null = null;
  for (let phase = 0; phase < PHASES; phase += 1) {
    const verdict = judge(trace, kernel, 2 ** 32 + phase + 0.5, null);
    const { endS, outcome } = verdict.sim;
    if (outcome === kernel.outcome) {
      first = Math.min(first, endS ?? 0);
      last = Math.max(last, endS ?? 0);
    }
    if (nearest === null || badness(kernel, verdict) < badness(kernel, nearest)) nearest = verdict;
  }
  const toleranceS = TOLERANCE_JIFFIES / trace.hz;
  const endS = kernel.endS ?? 0;
  const inside = endS >= first - toleranceS && endS <= last + toleranceS;
  const window =
    first === Infinity
      ? 'no phase of the timer wheel gives this outcome'
      : `over all phases of the timer wheel the end lies between ${first.toFixed(3)} s and ${last.toFixed(3)} s`;
  assert(nearest !== null, 'no phase was tried');
  const row = rowOf(trace, kernel, nearest, []);
  return { ...row, pass: inside, remarks: [`no jiffies_at_t0: ${window}`] };
}

/**
 * Compares one recorded trace with the simulated kernel.
 *
 * @throws InputError where the recorded sysctls or options are none that Linux takes
 * @example
 * // Keepalive 2 s / 1 s / 1 probe, the peer last heard of at −0.975 s. Buckets are 8 jiffies of 4 ms wide: the
 * // probe leaves up to 32 ms late, on a bucket's edge; 1 s later, rounded up to the next edge, is 1.024 s.
 * // So the end lies between 2.049 s and 2.081 s.
 * const recording = {
 *   name: 'dead-peer',
 *   kernel: '6.18.44',
 *   hz: 250,
 *   config: { rtt_ms: 50, max_s: 5, server_sockopts: { keepalive: [2, 1, 1] } },
 *   log: [
 *     { t: 0, who: 'wire', ev: 'act', what: 'drop' },
 *     { t: 2.06, who: 'server', ev: 'error', error: 'ETIMEDOUT' },
 *   ],
 *   packets: [],
 * };
 * const { value: trace } = parseKernelTrace(JSON.stringify(recording), 'dead-peer.json');
 * const row = conformTrace(trace);
 * row.outcome // => { kernel: 'ETIMEDOUT', sim: 'ETIMEDOUT' }
 * row.pass // => true
 */
export function conformTrace(trace: KernelTrace): ConformanceRow {
  const kernel = recordedEnd(trace);
  if (trace.jiffiesAtT0 === null) return conformOverPhases(trace, kernel);
  return conformAtPhase(trace, kernel, trace.jiffiesAtT0);
}
