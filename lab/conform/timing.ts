/**
 * Reading from a recording when things really happened: the wire's delay, the handshake, and the
 * writes of a repeating pattern.
 */
import type { KernelTrace, PacketEntry, Side } from './trace.ts';
import { RecordedDelays } from './wire.ts';

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
  readonly oneWayUs: number;
  /** Of the segments of which the recording shows it. */
  readonly delays: RecordedDelays;
  readonly patternTimes: Readonly<Record<Side, readonly { t: number; bytes: number }[]>>;
}

function find(trace: KernelTrace, from: Side, flags: string): PacketEntry | undefined {
  return trace.packets.find((packet) => packet.from === from && packet.flags === flags);
}

/** Round trip that a side measured in the handshake, us. */
function handshakeRtt(trace: KernelTrace, side: Side): number | null {
  const entry = trace.log.find((line) => line.who === side && line.event === 'established');
  return entry?.info?.rttUs ?? null;
}

/** One second of silence lies between the handshake and t = 0. */
const SETTLED_BEFORE_S = 0.5;

/** Writes may be recorded this late after the beat they belong to. */
const BEAT_SLACK_S = 0.1;

/** A pattern's writes: each at its recorded packet where there is one, else on the beat. */
function patternTimes(trace: KernelTrace, side: Side): { t: number; bytes: number }[] {
  const times: { t: number; bytes: number }[] = [];
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
  return times;
}

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
    const early = packet.t < nominal - Math.min(BEAT_SLACK_S, interval) / 2;
    const late = packet.t >= nominal + Math.min(BEAT_SLACK_S, interval / 2);
    if (!early && !late) return packet.t;
  }
  return null;
}

/** A wire in user space is late by less than this beyond its nominal delay. */
const WIRE_SLACK_S = 0.004;

/** The delay of the wire: the median time from a segment to the acknowledgement it provoked at once. */
function wireDelayS(trace: KernelTrace, handshakeS: number): number {
  const nominalS = trace.rttMs / 2000;
  // The handshake may have waited for a process or for the interface to come up.
  const isPlain = handshakeS >= nominalS && handshakeS <= nominalS + WIRE_SLACK_S;
  const lags: number[] = [];
  const sent = new Map<number, number>();
  for (const packet of trace.packets) {
    if (packet.from === 'server') {
      if (!packet.dropped && packet.length > 0) sent.set(packet.seq + packet.length, packet.t);
      continue;
    }
    const at = sent.get(packet.ack);
    sent.delete(packet.ack);
    if (at === undefined) continue;
    const lag = packet.t - at;
    if (lag >= nominalS && lag <= nominalS + WIRE_SLACK_S) lags.push(lag);
  }
  const ordered = lags.toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? (isPlain ? handshakeS : nominalS);
}

/** What the recording says about its own timing. */
export function timingOf(trace: KernelTrace): Timing {
  const syn = find(trace, 'client', 'S');
  const synAck = find(trace, 'server', 'S.');
  const ack = find(trace, 'client', '.');
  const patterns = {
    server: patternTimes(trace, 'server'),
    client: patternTimes(trace, 'client'),
  };
  const delays = new RecordedDelays(trace);
  const nominalUs = Math.round(trace.rttMs * 500);
  if (syn === undefined || synAck === undefined || ack === undefined) {
    const connectAt = syn?.t ?? (trace.startDropped ? 0 : -1 - trace.rttMs / 1000);
    return {
      connectAt,
      synDelayUs: nominalUs,
      synAckDelayUs: nominalUs,
      ackDelayUs: nominalUs,
      settledAt: connectAt + 0.25,
      oneWayUs: nominalUs,
      delays,
      patternTimes: patterns,
    };
  }
  const clientRttUs = handshakeRtt(trace, 'client') ?? (ack.t - syn.t) * 1e6;
  const serverRttUs = handshakeRtt(trace, 'server') ?? 2 * nominalUs;
  const toClientUs = Math.round((ack.t - synAck.t) * 1e6);
  const connectAt = ack.t - clientRttUs / 1e6;
  return {
    connectAt,
    synDelayUs: Math.max(0, Math.round((synAck.t - connectAt) * 1e6)),
    synAckDelayUs: Math.max(0, toClientUs),
    ackDelayUs: Math.max(0, serverRttUs - toClientUs),
    settledAt: -SETTLED_BEFORE_S,
    oneWayUs: Math.round(wireDelayS(trace, ack.t - synAck.t) * 1e6),
    delays,
    patternTimes: patterns,
  };
}
