/**
 * The segment a kernel hands to the wire. Each kernel fills one and the same object again and again;
 * the wire copies it. Nobody else may keep it.
 */
import type { Segment } from './types.ts';

/** Selective acknowledgement carries at most three ranges beside timestamps (RFC 2018 §3). */
export const MAX_SACK_BLOCKS = 3;

/** A segment whose fields may be written. */
export type MutableSegment = { -readonly [K in keyof Segment]: Segment[K] } & {
  readonly sack: number[];
};

/** An empty segment, to be filled by {@link copySegment} or by hand. */
export function blankSegment(): MutableSegment {
  return {
    fromServer: false,
    syn: false,
    ack: false,
    fin: false,
    rst: false,
    psh: false,
    seq: 0,
    ackSeq: 0,
    length: 0,
    windowBytes: 0,
    timestampMs: 0,
    echoMs: -1,
    sackBlocks: 0,
    sack: [0, 0, 0, 0, 0, 0],
  };
}

/** Copies every field, so that the source may be reused at once. */
export function copySegment(from: Segment, into: MutableSegment): void {
  into.fromServer = from.fromServer;
  into.syn = from.syn;
  into.ack = from.ack;
  into.fin = from.fin;
  into.rst = from.rst;
  into.psh = from.psh;
  into.seq = from.seq;
  into.ackSeq = from.ackSeq;
  into.length = from.length;
  into.windowBytes = from.windowBytes;
  into.timestampMs = from.timestampMs;
  into.echoMs = from.echoMs;
  into.sackBlocks = from.sackBlocks;
  for (let i = 0; i < from.sackBlocks * 2; i += 1) into.sack[i] = from.sack[i] as number;
}

/** Sequence space a segment takes: its bytes, and one each for SYN and FIN (RFC 9293 §3.4). */
export function endSeq(segment: Segment): number {
  return segment.seq + segment.length + (segment.syn ? 1 : 0) + (segment.fin ? 1 : 0);
}
