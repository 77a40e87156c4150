/**
 * Where a replay takes over the recorded state: how a bulk transfer runs depends on congestion control,
 * what follows it does not.
 *
 * There are such instants of three kinds. When the window shuts: the arrival of the ACK that says so and leaves
 * nothing in flight, again after each opening that let a burst through. When the wire is cut: the last arrival or transmission before the silence. When all is acknowledged. The
 * numbers come from the first sample that counts as many bytes acknowledged as the packets do.
 */
import { MSS } from '../../model/linux/constants.ts';
import type { ReceiverSnapshot, SenderSnapshot } from '../../sim/kernel/types.ts';
import type { Timing } from './timing.ts';
import { seqOffset } from './numbers.ts';
import { windowScale } from './marks.ts';
import { otherSide } from './trace.ts';
import type { KernelTrace, LogEntry, PacketEntry, RecordedInfo } from './trace.ts';

/** The ACK of a SYN-ACK comes within a round trip. */
const HANDSHAKE_S = 0.9;

/** A transfer of more than the first congestion window depends on congestion control. */
const BULK_BYTES = 14_480;

/** More than two segments at once are paced (tcp_pacing_check, tcp_min_tso_segs): 2 × 1448 bytes. */
const BURST_BYTES = 2 * MSS;

/** One take-over. */
export interface Adoption {
  /** At the sender, seconds. */
  readonly t: number;
  readonly sender: SenderSnapshot;
  readonly receiver: ReceiverSnapshot;
}

/** When the watched side first sends more than what leaves at once; infinite where it never does. */
function bulkFrom(trace: KernelTrace): number {
  const write = trace.log.find(
    (entry) =>
      entry.who === trace.watch &&
      entry.event === 'do' &&
      entry.what === 'write' &&
      Number(entry.args[0]) > BULK_BYTES,
  );
  return write?.t ?? Infinity;
}

/** The recorded packets with stream offsets: 1 is the first byte, as in the simulation. */
class Flow {
  /** Of the watched side, without resets. */
  readonly sent: readonly { t: number; start: number; end: number }[];
  /** What arrived as one and in order, with where it begins and ends; empty where the recording leaves packets out. */
  private readonly arrived: readonly { start: number; end: number }[];
  /** Of its peer, after the SYN. */
  readonly acks: readonly { t: number; ack: number; windowBytes: number; arrives: boolean }[];

  constructor(trace: KernelTrace) {
    const plain = trace.packets.filter((packet) => !packet.flags.includes('R'));
    const ours = plain.filter((packet) => packet.from === trace.watch);
    const theirs = plain.filter((packet) => packet.from !== trace.watch);
    const isn = ours.find((packet) => packet.flags.includes('S'))?.seq ?? 0;
    const acks = theirs.filter((packet) => !packet.flags.includes('S'));
    const scale = recordedScale(theirs) ?? 2 ** windowScale(trace, otherSide(trace.watch));
    this.sent = ours.map((packet) => ({
      t: packet.t,
      start: seqOffset(packet.seq, isn),
      end: seqOffset(packet.seq + packet.length, isn),
    }));
    const inOrder = ours
      .filter(({ dropped, length }) => !dropped && length > 0)
      .map(({ seq, length }) => ({ start: seqOffset(seq, isn), end: seqOffset(seq, isn) + length }))
      .toSorted((a, b) => a.start - b.start);
    let next = 1;
    this.arrived = inOrder.flatMap(({ start, end }) => {
      if (end <= next) return [];
      const from = start > next ? start : next;
      next = end;
      return [{ start: from, end }];
    });
    this.acks = acks.map((packet) => ({
      t: packet.t,
      ack: seqOffset(packet.ack, isn),
      windowBytes: packet.window * scale,
      arrives: !packet.dropped,
    }));
  }

  /** End of what had been sent by `t`. */
  sentBy(t: number): number {
    return this.sent.reduce((end, one) => (one.t <= t ? Math.max(end, one.end) : end), 1);
  }

  /** When data were last sent before `t`. */
  lastSentBy(t: number): number {
    return this.sent.findLast((one) => one.t <= t && one.end > one.start)?.t ?? t;
  }

  /** Sizes of what the peer had received up to `end`, the oldest first; only the newest without a gap. */
  buffersUpTo(end: number): number[] {
    const upTo = this.arrived.filter((one) => one.end <= end);
    const sizes: number[] = [];
    let at = end;
    for (const one of upTo.toReversed()) {
      if (one.end !== at) break;
      sizes.unshift(one.end - one.start);
      at = one.start;
    }
    return sizes;
  }

  /** Since the peer last repeated itself, the answer to a probe; null = never. */
  sinceAnswerUs(t: number): number | null {
    const answer = this.acks.findLast((one, index) => {
      const before = this.acks[index - 1];
      return one.t < t && one.ack === before?.ack && one.windowBytes === before.windowBytes;
    });
    return answer === undefined ? null : Math.round((t - answer.t) * 1e6);
  }

  /** What the peer had received by `t`, as far as it said so. */
  receivedBy(t: number): number {
    return this.acks.reduce((ack, one) => (one.t <= t ? Math.max(ack, one.ack) : ack), 1);
  }
}

/** The scale is not recorded, but a SYN's window is not scaled and that of the next packet, about as large, is; null = that one is missing. */
function recordedScale(packets: readonly PacketEntry[]): number | null {
  const syn = packets.find((packet) => packet.flags.includes('S'));
  const next = packets.find((packet) => !packet.flags.includes('S'));
  if (syn === undefined || next === undefined || next.window === 0) return null;
  if (next.seq !== (syn.seq + 1) % 2 ** 32 || next.t > syn.t + HANDSHAKE_S) return null;
  return 2 ** Math.max(0, Math.min(14, Math.round(Math.log2(syn.window / next.window))));
}

/** The first sample from `fromS` on that agrees with the packets; better one before any retransmission. */
function consistentInfo(
  trace: KernelTrace,
  fromS: number,
  bytesAcked: number,
): RecordedInfo | null {
  const infos = trace.log.flatMap((line) =>
    line.who === trace.watch && line.t >= fromS && line.info?.bytesAcked === bytesAcked
      ? [line.info]
      : [],
  );
  return infos.find((info) => info.retransmits === 0) ?? infos[0] ?? null;
}

/** The peer's receive buffer as first read after `t`. */
function bufferAfter(trace: KernelTrace, t: number): number | null {
  const sizes = trace.log.flatMap((line) =>
    line.t >= t ? [line.receiver?.bufferBytes ?? []] : [],
  );
  return sizes.flat()[0] ?? null;
}

function adoptionAt(
  trace: KernelTrace,
  flow: Flow,
  t: number,
  ack: number,
  windowBytes: number,
  sentEnd: number,
  inFlightSegments: number | null,
): Adoption | null {
  // tcpi_bytes_acked of an active opener counts its SYN.
  const bytesAcked = trace.watch === 'client' ? ack : ack - 1;
  const info = consistentInfo(trace, t, bytesAcked);
  if (info === null || info.outq === null || info.rttUs === null || info.rtoUs === null)
    return null;
  // A retransmission doubles the timeout, a window probe only its own interval.
  const doublings = (info.retransmits ?? 0) > 0 ? (info.backoff ?? 0) : 0;
  const received = Math.max(ack, flow.receivedBy(t + trace.rttMs / 1000));
  return {
    t,
    sender: {
      bytesAcked,
      outqBytes: info.outq,
      inFlightBytes: Math.max(0, sentEnd - ack),
      inFlightSegments,
      sinceSentUs: Math.round((t - flow.lastSentBy(t)) * 1e6),
      windowBytes,
      rttUs: info.rttUs,
      rttvarUs: info.rttvarUs ?? Math.floor(info.rttUs / 2),
      rtoUs: info.rtoUs / 2 ** doublings,
      cwnd: (info.retransmits ?? 0) > 0 ? null : info.cwnd,
      ssthresh: (info.retransmits ?? 0) > 0 ? null : info.ssthresh,
    },
    receiver: {
      bytesReceived: received - 1,
      windowBytes,
      buffersBytes: flow.buffersUpTo(received),
      receiveBufferBytes: bufferAfter(trace, t),
      sinceAnswerUs: flow.sinceAnswerUs(t),
      excessBytes: 0,
    },
  };
}

/** Each time the window shuts with nothing in flight, or, where that never is, the first time it shuts at all. */
function shuttingAcks(flow: Flow, oneWayS: number): Flow['acks'] {
  const shut = flow.acks.filter((one) => one.arrives && one.windowBytes === 0);
  const settled = shut.filter((one) => flow.sentBy(one.t + oneWayS) === one.ack);
  return settled.length > 0 ? settled : shut.slice(0, 1);
}

/** The window shuts after a transfer; openings so small that the sender alone decides need no take-over. */
function whenShut(trace: KernelTrace, flow: Flow, oneWayS: number): Adoption[] {
  const adoptions: Adoption[] = [];
  let ackBefore = 1;
  for (const one of shuttingAcks(flow, oneWayS)) {
    const moved = one.ack - ackBefore;
    ackBefore = one.ack;
    if (moved <= BURST_BYTES) continue;
    const t = one.t + oneWayS;
    const adoption = adoptionAt(trace, flow, t, one.ack, 0, flow.sentBy(t), null);
    if (adoption !== null) adoptions.push(adoption);
  }
  return adoptions;
}

/** The first sample after the cut that every later one agrees with: nothing is acknowledged any more. */
function settledSample(trace: KernelTrace, cutS: number, untilS: number): LogEntry | null {
  const samples = trace.log.filter(
    (line) => line.who === trace.watch && line.event === 'sample' && line.t < untilS,
  );
  const last = samples.at(-1)?.info?.bytesAcked ?? null;
  const fromS = cutS + trace.rttMs / 1000;
  if (last === null) return null;
  return samples.find((line) => line.t >= fromS && line.info?.bytesAcked === last) ?? null;
}

/** Until when a cut lasts, or nothing new is written. */
function quietUntil(trace: KernelTrace, cutS: number): number {
  const next = trace.log.find((line) => {
    const healed = line.who === 'wire' && line.what === 'pass';
    const done = line.who === trace.watch && (line.event === 'do' || line.event === 'error');
    return line.t > cutS && (healed || done);
  });
  return next?.t ?? Infinity;
}

/** All of it has been acknowledged before any cut, and nothing as large follows: what comes after it is the simulation's own. */
function whenDone(trace: KernelTrace, flow: Flow, oneWayS: number, bulkS: number): Adoption | null {
  const isBulk = ({ what, args }: LogEntry): boolean =>
    what === 'write' && Number(args[0]) > BULK_BYTES;
  const last = trace.log.findLast(
    (line) => line.who === trace.watch && line.event === 'do' && isBulk(line),
  );
  const sample = trace.log.find(
    (line) =>
      line.who === trace.watch &&
      line.event === 'sample' &&
      line.t > Math.max(bulkS, last?.t ?? bulkS) &&
      line.info?.outq === 0,
  );
  const bytesAcked = sample?.info?.bytesAcked ?? null;
  if (sample === undefined || bytesAcked === null) return null;
  const ack = bytesAcked + (trace.watch === 'client' ? 0 : 1);
  const heard = flow.acks.find((one) => one.arrives && one.ack === ack);
  const isCutBefore = trace.log.some(
    ({ who, what, t }) => who === 'wire' && what === 'drop' && t <= sample.t,
  );
  if (heard === undefined || heard.t + oneWayS > sample.t || isCutBefore) return null;
  return adoptionAt(trace, flow, heard.t + oneWayS, ack, heard.windowBytes, ack, 0);
}

/** The wire is cut, in the direction of the data or of the acknowledgements. */
function whenCut(trace: KernelTrace, flow: Flow, oneWayS: number, bulkS: number): Adoption | null {
  const cut = trace.log.find((line) => line.who === 'wire' && line.what === 'drop');
  // A transfer into a wire that is cut already is the first congestion window, and nothing else.
  if (cut === undefined || cut.t < bulkS) return null;
  const quietS = quietUntil(trace, cut.t);
  const sample = settledSample(trace, cut.t, quietS);
  const heard = flow.acks.findLast((one) => one.arrives && one.t <= cut.t + oneWayS);
  // Of a thinned transfer what was heard is gone, and what was sent into the cut has the window.
  const offered = heard ?? flow.acks.at(-1);
  if (sample === null || sample.info === null || offered === undefined) return null;
  const ack = (sample.info.bytesAcked ?? 0) + (trace.watch === 'client' ? 0 : 1);
  // Packets may be thinned out: TCP_INFO has the last arrival to a tick, and how much is in flight.
  const { lastAckRecvMs } = sample.info;
  if (heard?.ack !== ack && lastAckRecvMs === null) return null;
  const heardS =
    heard?.ack === ack ? heard.t + oneWayS : sample.t - (lastAckRecvMs as number) / 1000;
  const untilS = Math.min(heardS + trace.rttMs / 1000, quietS);
  const newestEnd = flow.sentBy(untilS);
  const newest = flow.sent.find((one) => one.end === newestEnd);
  const t = Math.max(heardS, newest?.t ?? heardS);
  const unackedBytes = Math.min((sample.info.unacked ?? 0) * MSS, sample.info.outq ?? 0);
  const sentEnd =
    shownByProbe(flow, t, quietS, ack + (sample.info.outq ?? 0)) ??
    Math.max(flow.sentBy(t), ack + unackedBytes);
  const isProbed = sentEnd < flow.sentBy(sample.t);
  const segments = sample.info.unacked === null ? null : sample.info.unacked - (isProbed ? 1 : 0);
  return adoptionAt(trace, flow, t, ack, offered.windowBytes, sentEnd, segments);
}

/**
 * A tail loss probe shows how far the sender had got: it sends what is new, and where there is nothing new the last segment again.
 *
 * @param writtenEnd of all that had been written
 */
function shownByProbe(flow: Flow, t: number, quietS: number, writtenEnd: number): number | null {
  const probe = flow.sent.find((one) => one.t > t && one.t < quietS);
  if (probe === undefined || probe.end <= flow.sentBy(t)) return null;
  return probe.end < writtenEnd ? probe.start : probe.end;
}

/** How long what the peer sends takes to the watched side, seconds. */
function heardAfterS(trace: KernelTrace, timing: Timing): number {
  return trace.oneWayMs[otherSide(trace.watch)] / 1000 + timing.overheadUs / 1e6;
}

/** The take-overs of a recording, in order; none where nothing depends on congestion control. */
export function adoptionsOf(trace: KernelTrace, timing: Timing): Adoption[] {
  const bulkS = bulkFrom(trace);
  if (bulkS === Infinity) return [];
  const flow = new Flow(trace);
  const oneWayS = heardAfterS(trace, timing);
  const shut = whenShut(trace, flow, oneWayS);
  const done = whenDone(trace, flow, oneWayS, bulkS);
  if (done !== null) return [...shut.filter((one) => one.t < done.t), done];
  const cut = whenCut(trace, flow, oneWayS, bulkS);
  if (cut === null) return shut;
  const before = shut.filter((one) => one.t < cut.t);
  // Behind a window that stayed shut nothing new is to be taken over at the cut.
  const isNew = before.at(-1)?.sender.bytesAcked !== cut.sender.bytesAcked;
  return isNew ? [...before, cut] : before;
}

/** From when to when a recording is compared. */
interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** Nothing could be taken over: the comparison still begins where the transfer has stopped. */
function afterTransfer(trace: KernelTrace): Stretch {
  const shut = trace.packets.find(
    (packet) => packet.from !== trace.watch && packet.window === 0 && !packet.flags.includes('R'),
  );
  const cut = trace.log.find((line) => line.who === 'wire' && line.what === 'drop');
  const fromS = Math.min(shut?.t ?? Infinity, cut?.t ?? Infinity) + trace.rttMs / 2000;
  return { fromS, toS: Infinity };
}

/** When the next transfer begins: the window opens, and more than a little goes through it. */
function resumedAt(flow: Flow, adoption: Adoption, oneWayS: number): number {
  const since = flow.acks.filter((one) => one.arrives && one.t + oneWayS > adoption.t);
  const last = since.reduce((ack, one) => Math.max(ack, one.ack), 0);
  const opened = since.filter((one) => one.windowBytes > 0);
  // Small openings before the transfer belong to the stretch.
  const first = opened.find((one) => one.ack + BURST_BYTES < last);
  // Between what opens the window and its arrival nothing is sent, and no rounding decides on which side a packet is.
  return first === undefined ? Infinity : first.t + oneWayS / 2;
}

/** The stretches of a recording that are compared: all of it, or what comes before a transfer and follows the take-overs. */
export function stretchesOf(
  trace: KernelTrace,
  adoptions: readonly Adoption[],
  timing: Timing,
): Stretch[] {
  if (bulkFrom(trace) === Infinity) return [{ fromS: -Infinity, toS: Infinity }];
  if (adoptions.length === 0) return [afterTransfer(trace)];
  const flow = new Flow(trace);
  return adoptions.map((adoption, index) => {
    const next = adoptions[index + 1]?.t ?? Infinity;
    const resumed =
      adoption.sender.windowBytes > 0
        ? Infinity
        : resumedAt(flow, adoption, heardAfterS(trace, timing));
    return { fromS: adoption.t, toS: Math.min(next, resumed) };
  });
}

/** Ticks after its recorded instant at which a taken-over ACK may have been processed. */
const ARRIVAL_TICKS = [0, 1];

function delayed(one: Adoption, ticks: number, hz: number): Adoption {
  return ticks === 0 ? one : { ...one, t: one.t + ticks / hz };
}

/** The take-overs as recorded, and a tick later: the wire of a recording has a wake-up of its own. */
export function arrivalsOf(
  adoptions: readonly Adoption[],
  hz: number,
): readonly (readonly Adoption[])[] {
  if (adoptions.length === 0) return [adoptions];
  return ARRIVAL_TICKS.map((ticks) => adoptions.map((one) => delayed(one, ticks, hz)));
}

/**
 * Memory of the receiver that no recording shows: with less than a sixteenth of its buffer free, 8 KB of 128, the
 * window is shut. In steps of one segment with its overhead (2304 bytes).
 */
const EXCESS_BYTES = [0, 2304, 4608, 6912];

/** Everything a take-over leaves open, as lists of take-overs that differ in one of it throughout. */
export function variantsOf(adoptions: readonly Adoption[], hz: number): Adoption[][] {
  return ARRIVAL_TICKS.flatMap((ticks) =>
    EXCESS_BYTES.map((excessBytes) =>
      adoptions.map((one) => ({
        ...delayed(one, ticks, hz),
        receiver: { ...one.receiver, excessBytes },
      })),
    ),
  );
}
