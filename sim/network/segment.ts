/**
 * A TCP segment as it travels (RFC 9293 §3.1), with the options that decide timers: timestamps and selective
 * acknowledgement. Each kernel fills one and the same object again and again; the wire copies it.
 */

/** Selective acknowledgement carries four ranges at most, and three beside timestamps (RFC 2018 §3). */
export function mostSackBlocks(timestamps: boolean): number {
  return timestamps ? 3 : 4;
}

/** One TCP segment on the wire. Pooled by the kernel: read it during the call, never keep it. */
export interface Segment {
  readonly fromServer: boolean;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
  /** Relative sequence numbers: the SYN is 0. */
  readonly seq: number;
  readonly ackSeq: number;
  readonly length: number;
  /** Of several segments sent as one: payload of each buffer that the sender's kernel makes of them; 0 = it is one. */
  readonly burstBytes: number;
  /** Window in bytes, scaling undone. */
  readonly windowBytes: number;
  /** Timestamp option (RFC 7323): the sender's millisecond clock, and the echo; -1 = no echo. */
  readonly timestampMs: number;
  readonly echoMs: number;
  /** Selective acknowledgement (RFC 2018): pairs of start and end, `sackBlocks` of them; a duplicate first (RFC 2883). */
  readonly sackBlocks: number;
  readonly sack: readonly number[];
}

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
    burstBytes: 0,
    windowBytes: 0,
    timestampMs: 0,
    echoMs: -1,
    sackBlocks: 0,
    sack: [0, 0, 0, 0, 0, 0, 0, 0],
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
  into.burstBytes = from.burstBytes;
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
