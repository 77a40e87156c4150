/** Which packets are compared, and how two lists of them are matched. */
import type { PacketEntry, Side } from './trace.ts';

/** A retransmission, probe or reset of the watched side. */
export interface Signal {
  readonly t: number;
  readonly kind: 'retransmission' | 'probe' | 'reset';
}

/** End of what had been sent when a replay took over the recorded state. */
export interface SentEnd {
  readonly t: number;
  readonly end: number;
}

/**
 * Retransmissions (SYN and FIN too), probes below what was sent, and resets, told apart by sequence
 * numbers alone, so that a recording and a simulation are read by the same rule.
 */
export function signalsOf(
  packets: readonly PacketEntry[],
  side: Side,
  isCompared: (t: number) => boolean,
  takenOver: readonly SentEnd[] = [],
): Signal[] {
  const signals: Signal[] = [];
  let highest = Number.NaN;
  let next = 0;
  for (const packet of packets) {
    if (packet.from !== side) continue;
    while (next < takenOver.length && (takenOver[next] as SentEnd).t <= packet.t) {
      highest = (takenOver[next] as SentEnd).end;
      next += 1;
    }
    const size =
      packet.length + (packet.flags.includes('S') ? 1 : 0) + (packet.flags.includes('F') ? 1 : 0);
    const end = packet.seq + size;
    let kind: Signal['kind'] | null = null;
    if (packet.flags.includes('R')) kind = 'reset';
    else if (size > 0 && end <= highest) kind = 'retransmission';
    else if (size === 0 && packet.seq === highest - 1) kind = 'probe';
    if (!packet.flags.includes('R')) highest = Number.isNaN(highest) ? end : Math.max(highest, end);
    if (kind !== null && isCompared(packet.t)) signals.push({ t: packet.t, kind });
  }
  return signals;
}

/** How two lists of signals agree. */
export interface Matching {
  readonly matched: number;
  /** Largest distance of a matched pair, ms. */
  readonly maxErrorMs: number;
  /** Mean distance of the matched pairs, ms. */
  readonly meanErrorMs: number;
  /** Recorded signals that were only recorded late: the simulated one came shortly before. */
  readonly late: number;
  /** Signals of either list without a partner. */
  readonly unmatched: number;
}

/** A busy recording machine is late by less than this. */
export const LATE_S = 0.25;

/** Matches in order: same kind, within `toleranceS`; a recorded one may be late, a simulated one not. */
export function matchSignals(
  kernel: readonly Signal[],
  sim: readonly Signal[],
  toleranceS: number,
): Matching {
  let matched = 0;
  let late = 0;
  let unmatched = 0;
  let maxErrorMs = 0;
  let sumMs = 0;
  let i = 0;
  let k = 0;
  while (i < kernel.length && k < sim.length) {
    const recorded = kernel[i] as Signal;
    const simulated = sim[k] as Signal;
    const lag = recorded.t - simulated.t;
    if (recorded.kind === simulated.kind && Math.abs(lag) <= toleranceS) {
      matched += 1;
      maxErrorMs = Math.max(maxErrorMs, Math.abs(lag) * 1000);
      sumMs += Math.abs(lag) * 1000;
      i += 1;
      k += 1;
    } else if (recorded.kind === simulated.kind && lag > 0 && lag <= LATE_S) {
      late += 1;
      i += 1;
      k += 1;
    } else {
      unmatched += 1;
      if (lag > 0) k += 1;
      else i += 1;
    }
  }
  unmatched += kernel.length - i + sim.length - k;
  return { matched, maxErrorMs, meanErrorMs: sumMs / Math.max(1, matched), late, unmatched };
}
