/** What in a recording contradicts the recording itself: no replay is needed to see that it is wrong. */
import { nominalDelayS } from './numbers.ts';
import { oncePerTrace } from './once.ts';
import { handshakeOf } from './timing.ts';
import { bothSides, otherSide, type KernelTrace, type PacketEntry } from './trace.ts';

/** Clocks are read to this, seconds. */
const READ_S = 0.0005;

/** The quickest of several answers did not wait for a busy machine longer than this. */
const SLOW_S = 0.004;
const SEVERAL = 3;

/** A program is told of its connection so much after the packet that made it, at most. */
const TOLD_S = 0.1;

/** Sequence numbers that a packet takes. */
function sizeOf({ length, flags }: PacketEntry): number {
  return length + (/[SF]/.test(flags) ? 1 : 0);
}

/** How much longer than the wire's delay it took until a segment was answered: none is answered sooner. */
function answersS(trace: KernelTrace): number[] {
  const sent = bothSides(() => new Map<number, number>());
  const found: number[] = [];
  for (const packet of trace.packets) {
    const side = otherSide(packet.from);
    const at = packet.flags.includes('.') ? sent[side].get(packet.ack) : undefined;
    if (at !== undefined) {
      found.push(packet.t - at - nominalDelayS(trace, side, at));
      sent[side].delete(packet.ack);
    }
    const end = (packet.seq + sizeOf(packet)) % 2 ** 32;
    // What is sent again may be answered for its first time.
    if (sizeOf(packet) > 0 && !packet.dropped && !sent[packet.from].has(end)) {
      sent[packet.from].set(end, packet.t);
    }
  }
  return found;
}

/** The wire as it was set and as it was. */
function ofTheWire(trace: KernelTrace): string[] {
  if (trace.log.some(({ who, what }) => who === 'wire' && what === 'delay')) return [];
  const answers = answersS(trace);
  const quickestS = Math.min(...answers);
  if (quickestS < -READ_S) return ['an answer came sooner than the wire of rtt_ms allows'];
  const isSlow = answers.length >= SEVERAL && quickestS > SLOW_S;
  return isSlow ? ['no answer came as soon as the wire of rtt_ms allows'] : [];
}

/** A connection that the programs saw established, and no SYN on a wire that somebody looked at. */
function ofTheHandshake(trace: KernelTrace): string[] {
  const { hasPackets, packets, log } = trace;
  const isOpen = log.some(({ event }) => event === 'established');
  const isSeen = packets.some(({ flags }) => flags.includes('S'));
  if (hasPackets && isOpen && !isSeen) return ['no SYN of a connection that was established'];
  const last = handshakeOf(trace).ack;
  const told = log.find(({ who, event }) => who === 'client' && event === 'established');
  if (last === undefined || told === undefined) return [];
  const isApart = Math.abs(last.t - told.t) > TOLD_S;
  return isApart ? ['the wire and the programs saw the handshake at different times'] : [];
}

/** Everything that cannot be. */
export const contradictionsOf = oncePerTrace((trace): readonly string[] => {
  const { packets } = trace;
  const isOrdered = packets.every(({ t }, index) => t >= (packets[index - 1]?.t ?? t));
  const order = isOrdered ? [] : ['the recorded packets are not in order of time'];
  return [...order, ...ofTheHandshake(trace), ...ofTheWire(trace)];
});
