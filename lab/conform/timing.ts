/**
 * Reading from a recording when things really happened: the wire's delay, the handshake, and the
 * writes of a repeating pattern.
 */
import { PROMPT_S, RecordedDelays } from './delays.ts';
import { oncePerTrace } from './once.ts';
import { initialSequence, nominalDelayS, seqOffset } from './numbers.ts';
import type { KernelTrace, PacketEntry, Side } from './trace.ts';

/** Instants in seconds of the recording, delays in microseconds. */
export interface Timing {
  /** When the client's kernel sent its first SYN, as the client's own measurement has it. */
  readonly connectAt: number;
  /** The first SYN may have waited for address resolution before it reached the wire. */
  readonly synDelayUs: number;
  readonly synAckDelayUs: number;
  readonly ackDelayUs: number;
  /** From here on the plain delay holds. */
  readonly settledAt: number;
  /** By how much the wire is slower than it was set to, either way: it is a program. */
  readonly overheadUs: number;
  /** Recorded in virtual time: the recording says so, or the wire is as exact as no program on a real machine. */
  readonly isExact: boolean;
  /** Of the segments of which the recording shows it. */
  readonly delays: RecordedDelays;
  readonly patternTimes: Readonly<Record<Side, readonly { t: number; bytes: number }[]>>;
}

/** The three packets of the handshake, each known by the numbers of those before it; some may be thinned out. */
export function handshakeOf(trace: KernelTrace): {
  readonly syn: PacketEntry | undefined;
  readonly synAck: PacketEntry | undefined;
  readonly ack: PacketEntry | undefined;
} {
  const { packets } = trace;
  const syn = packets.find(({ from, flags }) => from === 'client' && flags === 'S');
  const clientIsn = initialSequence(trace, 'client');
  const synAck = packets.find(
    ({ from, flags, ack }) =>
      from === 'server' && flags === 'S.' && seqOffset(ack, clientIsn) === 1,
  );
  const serverIsn = initialSequence(trace, 'server');
  const ack = packets.find(
    (one) =>
      one.from === 'client' &&
      one.flags.includes('.') &&
      !/[SR]/.test(one.flags) &&
      seqOffset(one.seq, clientIsn) === 1 &&
      seqOffset(one.ack, serverIsn) === 1,
  );
  return { syn, synAck, ack };
}

/** Round trip that a side measured in the handshake, us; null where it could not (a SYN sent twice without timestamps leaves 0). */
function handshakeRtt(trace: KernelTrace, side: Side): number | null {
  const entry = trace.log.find((line) => line.who === side && line.event === 'established');
  return entry?.info?.rttUs || null;
}

/** One second of silence lies between the handshake and t = 0. */
const SETTLED_BEFORE_S = 0.5;

/** A packet belongs to the beat of a pattern from so much before it to so much after. */
const BEAT_EARLY_S = 0.000_5;
const BEAT_LATE_S = 0.006;

/** What a pattern wrote, where the recorder noted each write. */
function notedWrites(trace: KernelTrace, side: Side): { t: number; bytes: number }[] {
  return trace.log.flatMap(({ t, who, event, args }) =>
    who === side && event === 'wrote' ? [{ t, bytes: Number(args[0]) }] : [],
  );
}

/** A pattern's writes: as noted, else each at its recorded packet where there is one, else on the beat. */
function patternTimes(trace: KernelTrace, side: Side): { t: number; bytes: number }[] {
  const times = notedWrites(trace, side);
  if (times.length > 0) return times;
  for (const entry of trace.log) {
    if (entry.who !== side || entry.event !== 'do' || entry.what !== 'pattern') continue;
    const [interval, bytes] = entry.args.map(Number);
    if (interval === undefined || bytes === undefined || !(interval > 0)) continue;
    for (let beat = 0; entry.t + beat * interval <= trace.maxS; beat += 1) {
      const nominal = entry.t + beat * interval;
      const t = recordedWrite(trace, side, nominal, interval, bytes) ?? nominal;
      times.push({ t, bytes });
    }
  }
  return writesOnlyBeats(trace, side) ? asSent(trace, side, times) : times;
}

/** Whether one pattern is all that a side writes: then the bytes it has sent tell how many beats there were. */
function writesOnlyBeats(trace: KernelTrace, side: Side): boolean {
  const writes = trace.log.filter(
    ({ who, event, what }) =>
      who === side && event === 'do' && (what === 'write' || what === 'pattern'),
  );
  return writes.length === 1 && writes[0]?.what === 'pattern';
}

/**
 * A packet that is no full segment carries everything that has been written (tcp_write_xmit): a beat whose bytes are in one sent before
 * it came sooner, and one whose bytes are not in one sent just after it came later.
 */
function asSent(
  trace: KernelTrace,
  side: Side,
  beats: readonly { t: number; bytes: number }[],
): { t: number; bytes: number }[] {
  const isn = initialSequence(trace, side);
  let sentEnd = 0;
  const fresh = trace.packets.flatMap((packet) => {
    const end = seqOffset(packet.seq, isn) - 1 + packet.length;
    if (packet.from !== side || packet.length === 0 || end <= sentEnd) return [];
    sentEnd = end;
    return packet.length < SMALL_BYTES ? [{ t: packet.t, end }] : [];
  });
  let written = 0;
  let at = 0;
  return beats.map(({ t, bytes }) => {
    written += bytes;
    while (at < fresh.length && (fresh[at]?.t ?? 0) < t - BEAT_EARLY_S) at += 1;
    let when = t;
    for (let i = at; i < fresh.length && (fresh[i]?.t ?? 0) < t + BEAT_LATE_S; i += 1) {
      const packet = fresh[i];
      if (packet === undefined) break;
      if (packet.end < written && packet.t >= when) when = packet.t + JUST_S;
      else if (packet.end >= written && packet.t < when) when = packet.t - JUST_S;
    }
    return { t: when, bytes };
  });
}

/** No segment of less than this is a full one (TCP_MSS_DEFAULT). */
const SMALL_BYTES = 536;

/** Before or after a packet by more than a wire is late. */
const JUST_S = 0.000_5;

function recordedWrite(
  trace: KernelTrace,
  side: Side,
  nominal: number,
  interval: number,
  bytes: number,
): number | null {
  let highest = -1;
  for (const packet of trace.packets) {
    if (packet.from !== side || packet.length === 0) continue;
    const fresh = packet.seq + packet.length > highest;
    highest = Math.max(highest, packet.seq + packet.length);
    if (!fresh || packet.length !== bytes) continue;
    // No packet belongs to two beats.
    const isLate = packet.t >= nominal + Math.min(BEAT_LATE_S, interval / 2);
    if (packet.t >= nominal - BEAT_EARLY_S && !isLate) return packet.t;
  }
  return null;
}

/** A wire that adds less than this to its delay is no program on a real machine. */
const EXACT_WIRE_S = 0.000_05;

/** In virtual time a program waits for the next tick of HZ 1000 at most. */
const EXACT_PROMPT_S = 0.001;

/** A wire in user space is late by less than this beyond its nominal delay. */
const WIRE_SLACK_S = 0.004;

/** What the wire adds to the delay it was set to: the median over segments that were acknowledged at once. */
function overheadS(trace: KernelTrace, handshakeS: number): number | null {
  const lags: number[] = [];
  const sent = new Map<number, number>();
  const overheadOf = (t: number, lagS: number): number => lagS - nominalDelayS(trace, 'server', t);
  const isPlain = (overS: number): boolean => overS >= 0 && overS <= WIRE_SLACK_S;
  for (const packet of trace.packets) {
    if (packet.from === 'server') {
      if (!packet.dropped && packet.length > 0) sent.set(packet.seq + packet.length, packet.t);
      continue;
    }
    const at = sent.get(packet.ack);
    sent.delete(packet.ack);
    if (at === undefined) continue;
    const over = overheadOf(at, packet.t - at);
    if (isPlain(over)) lags.push(over);
  }
  const ordered = lags.toSorted((a, b) => a - b);
  // The handshake may have waited for a process or for the interface to come up.
  const shaken = overheadOf(-1, handshakeS);
  return ordered[Math.floor(ordered.length / 2)] ?? (isPlain(shaken) ? shaken : null);
}

/** What the recording says about its own timing. */
export const timingOf = oncePerTrace((trace): Timing => {
  const { syn, synAck, ack } = handshakeOf(trace);
  const patterns = {
    server: patternTimes(trace, 'server'),
    client: patternTimes(trace, 'client'),
  };
  const toServerUs = Math.round(trace.oneWayMs.client * 1000);
  const plainUs = Math.round(trace.oneWayMs.server * 1000);
  if (syn === undefined || synAck === undefined || ack === undefined) {
    const connectAt = syn?.t ?? (trace.startDropped.length > 0 ? 0 : -1 - trace.rttMs / 1000);
    return {
      connectAt,
      synDelayUs: toServerUs,
      synAckDelayUs: plainUs,
      ackDelayUs: toServerUs,
      settledAt: connectAt + 0.25,
      overheadUs: 0,
      isExact: trace.virtualTime,
      delays: new RecordedDelays(trace),
      patternTimes: patterns,
    };
  }
  const clientRttUs = handshakeRtt(trace, 'client') ?? (ack.t - syn.t) * 1e6;
  const serverRttUs = handshakeRtt(trace, 'server') ?? plainUs + toServerUs;
  const toClientUs = Math.round((ack.t - synAck.t) * 1e6);
  const connectAt = ack.t - clientRttUs / 1e6;
  const overS = overheadS(trace, ack.t - synAck.t);
  const isExact = trace.virtualTime || (overS !== null && overS < EXACT_WIRE_S);
  return {
    connectAt,
    synDelayUs: Math.max(0, Math.round((synAck.t - connectAt) * 1e6)),
    synAckDelayUs: Math.max(0, toClientUs),
    ackDelayUs: Math.max(0, serverRttUs - toClientUs),
    settledAt: -SETTLED_BEFORE_S,
    overheadUs: Math.round((overS ?? 0) * 1e6),
    isExact,
    delays: new RecordedDelays(trace, isExact ? EXACT_PROMPT_S : PROMPT_S),
    patternTimes: patterns,
  };
});

/**
 * The instant of connect(2) is not in a trace whose first SYN was held back by address resolution. Every
 * jiffy that explains the recorded second SYN is tried.
 */
export function connectTimes(trace: KernelTrace, timing: Timing): number[] {
  if (trace.startDropped.length === 0) return [timing.connectAt];
  const syns = trace.packets.filter((packet) => packet.from === 'client' && packet.flags === 'S');
  const [first, second] = syns;
  if (first === undefined || second === undefined || second.t - first.t >= 1) {
    return [timing.connectAt];
  }
  const times: number[] = [];
  // One second on the wheel is late by up to eight ticks (level 1), and the tick itself counts.
  for (let late = 0; late <= 9; late += 1) times.push(second.t - 1 - late / trace.hz);
  return times;
}
