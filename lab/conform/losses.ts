/** Which packets a recording shows as lost, for a wire that loses single ones at random. */
import type { Segment } from '../../sim/network/segment.ts';
import { initialSequence, seqOffset } from './numbers.ts';
import type { KernelTrace, Side } from './trace.ts';

/** A recorded packet is the replay's if it was sent within so long of it, seconds. */
const SAME_S = 0.05;

interface Recorded {
  readonly t: number;
  readonly dropped: boolean;
}

/** Packets that say the same: their numbers, from the initial ones on, and what they carry. */
function keyOf(seq: number, ack: number, length: number, fin: boolean): string {
  return `${seq} ${ack} ${length} ${fin}`;
}

/** The recorded losses of both directions. */
export class RecordedLosses {
  private readonly packets: Readonly<Record<Side, ReadonlyMap<string, readonly Recorded[]>>>;

  constructor(trace: KernelTrace) {
    this.packets = { server: packetsOf(trace, 'server'), client: packetsOf(trace, 'client') };
  }

  /** Whether the recorded packet that is the same as this one, sent at `t`, never arrived. */
  isLost(side: Side, t: number, segment: Segment): boolean {
    const key = keyOf(segment.seq, segment.ackSeq, segment.length, segment.fin);
    const same = this.packets[side].get(key) ?? [];
    const near = same
      .filter((one) => Math.abs(one.t - t) < SAME_S)
      .toSorted((a, b) => Math.abs(a.t - t) - Math.abs(b.t - t));
    return near[0]?.dropped ?? false;
  }
}

function packetsOf(trace: KernelTrace, side: Side): ReadonlyMap<string, Recorded[]> {
  const isn = initialSequence(trace, side);
  const peerIsn = initialSequence(trace, side === 'server' ? 'client' : 'server');
  const packets = new Map<string, Recorded[]>();
  for (const { from, t, dropped, seq, ack, length, flags } of trace.packets) {
    if (from !== side) continue;
    const numbers = [seqOffset(seq, isn), seqOffset(ack, peerIsn)] as const;
    const key = keyOf(...numbers, length, flags.includes('F'));
    const same = packets.get(key);
    if (same === undefined) packets.set(key, [{ t, dropped }]);
    else same.push({ t, dropped });
  }
  return packets;
}
