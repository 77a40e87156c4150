/** Which packets a side's timers sent: retransmissions, probes and resets. */
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
