/**
 * Packets in the numbers that a recording and a replay share: sequence numbers from the initial ones on, and windows as they
 * stand in the header.
 */
import { RECEIVE_BUFFER_MAX_BYTES } from '../../model/linux/constants.ts';
import { defaultSysctls } from '../../model/linux/sysctls.ts';
import { windowScaleFor } from '../../model/linux/window-scale.ts';
import { oncePerTrace } from './once.ts';
import { handshakeOf } from './timing.ts';
import { initialSequence, seqOffset } from './numbers.ts';
import { otherSide, sides } from './trace.ts';
import type { KernelTrace, PacketEntry, Side } from './trace.ts';

/** One packet of either side. */
export interface Mark {
  readonly t: number;
  readonly from: Side;
  /** Everything that has to be equal, in words; PSH times nothing. */
  readonly says: string;
  readonly isLost: boolean;
  /** A first SYN waits for address resolution before it is on the wire. */
  readonly isTimed: boolean;
}

function says(packet: PacketEntry, seq: number, ack: number, window: number): string {
  const { flags, length, dropped } = packet;
  const plain = `${flags.replace('P', '')} seq ${seq}${flags.includes('.') ? ` ack ${ack}` : ''} length ${length}`;
  // tcp_v4_send_reset offers no window; tcp_send_active_reset does, and nobody reads it.
  const offer = flags.includes('R') ? '' : ` window ${window}`;
  return `${plain}${offer}${dropped ? ' lost' : ''}`;
}

/** The scale of a side's windows, by its receive buffer. */
export function windowScale(trace: KernelTrace, side: Side): number {
  const fixed = trace.options[side].values.SO_RCVBUF;
  if (fixed !== undefined) return windowScaleFor(2 * fixed);
  const name = 'tcp_rmem.2';
  const set = trace.sysctls[side][`net.ipv4.${name}`] ?? defaultSysctls(trace.profile)[name];
  return windowScaleFor(Math.max(set, RECEIVE_BUFFER_MAX_BYTES[trace.profile]));
}

/** A replay's packets. */
export function simulatedMarks(trace: KernelTrace, packets: readonly PacketEntry[]): Mark[] {
  const scales = { server: windowScale(trace, 'server'), client: windowScale(trace, 'client') };
  return withFirstSyn(packets, (packet) => {
    const scale = packet.flags.includes('S') ? 0 : scales[packet.from];
    return says(packet, packet.seq, packet.ack, Math.floor(packet.window / 2 ** scale));
  });
}

/** A recording's packets. What a program that aborts sends into the cut wire (TCP_REPAIR off) is none of TCP's. */
export const recordedMarks = oncePerTrace((trace): readonly Mark[] => {
  const isn = {
    server: initialSequence(trace, 'server'),
    client: initialSequence(trace, 'client'),
  };
  const packets = trace.packets.filter((packet) => !isOfAbort(trace, packet));
  return withFirstSyn(packets, (packet) => {
    const seq = seqOffset(packet.seq, isn[packet.from]);
    const ack = seqOffset(packet.ack, isn[otherSide(packet.from)]);
    return says(packet, seq, ack, packet.window);
  });
});

function withFirstSyn(
  packets: readonly PacketEntry[],
  inWords: (packet: PacketEntry) => string,
): Mark[] {
  const firstSyn = packets.find(({ flags }) => flags === 'S');
  return packets.map((packet) => ({
    t: packet.t,
    from: packet.from,
    says: inWords(packet),
    isLost: packet.dropped,
    isTimed: packet !== firstSyn,
  }));
}

/** An abort is played as a loss of power; the recorder closes the socket behind a cut wire. */
const ABORT_S = 0.05;

function isOfAbort(trace: KernelTrace, { from, t, flags, dropped }: PacketEntry): boolean {
  if (!dropped || !flags.includes('R')) return false;
  return trace.log.some(
    ({ who, event, what, t: at }) =>
      who === from && event === 'do' && what === 'abort' && Math.abs(t - at) < ABORT_S,
  );
}

/**
 * Whether packets of a long transfer were left out of the recording: the last of the handshake is gone, and a peer
 * acknowledges what nobody is seen to send.
 */
export const isThinned = oncePerTrace((trace): boolean => {
  const { synAck, ack: last } = handshakeOf(trace);
  if (synAck === undefined || last !== undefined) return false;
  return sides.some((side) => {
    const isn = initialSequence(trace, side);
    const own = trace.packets.filter(({ from }) => from === side);
    const bytes = own.reduce((sum, { length }) => sum + length, 0);
    const acked = trace.packets.reduce((most, { from, ack, flags }) => {
      if (from === side || /[SR]/.test(flags)) return most;
      return Math.max(most, seqOffset(ack, isn) - 2);
    }, 0);
    return own.length > 0 && acked > bytes;
  });
});
