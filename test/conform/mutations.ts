/** Ways to falsify a recording: each makes of a true one a false one, or nothing where there is nothing of its kind to change. */
import { adoptionsOf, stretchesOf } from '../../lab/conform/adoption.ts';
import { recordedEnd } from '../../lab/conform/ends.ts';
import { recordedSignals } from '../../lab/conform/judge.ts';
import { timingOf } from '../../lab/conform/timing.ts';
import type { KernelTrace, LogEntry, PacketEntry, RecordedInfo } from '../../lab/conform/trace.ts';

/** Draws one of so many. */
export type Draw = (below: number) => number;

/** null: there is nothing of its kind in this recording. */
export type Mutation = (trace: KernelTrace, draw: Draw) => KernelTrace | null;

type IsChosen = (packet: PacketEntry, index: number) => boolean;
type Change = (packet: PacketEntry) => readonly PacketEntry[];

const own = ({ watch }: KernelTrace, { from }: PacketEntry): boolean => from === watch;

/** Packets outside a transfer and before the end: those that are compared; the first SYN's instant is not. */
function compared(trace: KernelTrace): IsChosen {
  const timing = timingOf(trace);
  const stretches = stretchesOf(trace, adoptionsOf(trace, timing), timing);
  const endS = Math.min(trace.maxS, recordedEnd(trace).endS ?? Infinity);
  return ({ t, flags }) =>
    flags !== 'S' && t <= endS && stretches.some(({ fromS, toS }) => t >= fromS && t < toS);
}

/** What timers sent, by its instant. */
function signals(trace: KernelTrace): IsChosen {
  const timing = timingOf(trace);
  const found = recordedSignals(trace, { adoptions: adoptionsOf(trace, timing), timing });
  const instants = new Set(found.map(({ t }) => t));
  const isCompared = compared(trace);
  return (packet, index) =>
    own(trace, packet) && instants.has(packet.t) && isCompared(packet, index);
}

function changed(trace: KernelTrace, isChosen: IsChosen, change: Change): KernelTrace | null {
  if (!trace.packets.some(isChosen)) return null;
  const packets = trace.packets.flatMap((packet, index) =>
    isChosen(packet, index) ? change(packet) : [packet],
  );
  return { ...trace, packets: packets.toSorted((a, b) => a.t - b.t) };
}

/** All of a kind. */
function each(choose: (trace: KernelTrace) => IsChosen, change: Change): Mutation {
  return (trace) => changed(trace, choose(trace), change);
}

/** One of a kind. */
function one(choose: (trace: KernelTrace) => IsChosen, change: Change): Mutation {
  return (trace, draw) => {
    const isChosen = choose(trace);
    const places = trace.packets.flatMap((packet, i) => (isChosen(packet, i) ? [i] : []));
    if (places.length === 0) return null;
    const place = places[draw(places.length)];
    return changed(trace, (_packet, index) => index === place, change);
  };
}

/** Packets of one side that are compared and of which something is true. */
function those(is: (packet: PacketEntry, trace: KernelTrace) => boolean) {
  return (trace: KernelTrace): IsChosen => {
    const isCompared = compared(trace);
    return (packet, index) => isCompared(packet, index) && is(packet, trace);
  };
}

/** New data of the watched side: not sent before. */
function newData(trace: KernelTrace): IsChosen {
  const isCompared = compared(trace);
  const isSignal = signals(trace);
  return (packet, index) =>
    own(trace, packet) &&
    packet.length > 0 &&
    packet.t > 0 &&
    isCompared(packet, index) &&
    !isSignal(packet, index);
}

const later =
  (seconds: number): Change =>
  (packet) => [{ ...packet, t: packet.t + seconds }];
const ticks =
  (jiffies: number) =>
  (choose: (trace: KernelTrace) => IsChosen, how: typeof each): Mutation =>
  (trace, draw) =>
    how(choose, later(jiffies / trace.hz))(trace, draw);
const removed: Change = () => [];
const peersAck = those(
  (packet, trace) =>
    !own(trace, packet) && packet.length === 0 && packet.flags === '.' && packet.t > -0.5,
);
const sends = those((packet, trace) => own(trace, packet) && !packet.flags.includes('R'));
const retransmits = (trace: KernelTrace): IsChosen => {
  const isSignal = signals(trace);
  return (packet, index) => packet.length > 0 && isSignal(packet, index);
};

/** Every compared sample of the watched side with one of its numbers changed. */
function sample(name: keyof RecordedInfo, change: (value: number) => number): Mutation {
  return (trace) => {
    const timing = timingOf(trace);
    const stretches = stretchesOf(trace, adoptionsOf(trace, timing), timing);
    const endS = recordedEnd(trace).endS ?? Infinity;
    const isChosen = ({ t, who, event, info }: LogEntry): boolean =>
      event === 'sample' &&
      who === trace.watch &&
      (info?.[name] ?? null) !== null &&
      t >= 0 &&
      t <= endS &&
      stretches.some(({ fromS, toS }) => t >= fromS && t < toS);
    if (!trace.log.some(isChosen)) return null;
    const log = trace.log.map((entry) => {
      if (!isChosen(entry) || entry.info === null) return entry;
      return { ...entry, info: { ...entry.info, [name]: change(Number(entry.info[name])) } };
    });
    return { ...trace, log };
  };
}

/** The line of the log that says how it ended. */
function ending(change: (entry: LogEntry, trace: KernelTrace) => LogEntry | null): Mutation {
  return (trace) => {
    const { endS } = recordedEnd(trace);
    // An end that was polled for is known to half a second.
    if (endS === null || trace.watchKernel) return null;
    const log = trace.log.flatMap((entry) => {
      const isEnd =
        entry.t === endS && entry.who === trace.watch && (entry.error ?? entry.event) !== 'do';
      if (!isEnd || (entry.error === null && entry.event !== 'closed')) return [entry];
      const found = change(entry, trace);
      return found === null ? [] : [found];
    });
    return { ...trace, log: log.toSorted((a, b) => a.t - b.t) };
  };
}

const shifted = (seconds: (trace: KernelTrace) => number): Mutation =>
  ending((entry, trace) => ({ ...entry, t: entry.t + seconds(trace) }));

/** A socket option of the watched side that was set, changed. */
function option(
  name: keyof KernelTrace['options']['server']['values'],
  change: (value: number) => number,
): Mutation {
  return (trace) => {
    const options = trace.options[trace.watch];
    const value = options.values[name];
    if (value === undefined || value === 0) return null;
    const values = { ...options.values, [name]: change(value) };
    return {
      ...trace,
      options: { ...trace.options, [trace.watch]: { ...options, values } },
    };
  };
}

function sysctl(name: string, change: (value: number | undefined) => number | null): Mutation {
  return (trace) => {
    const settings = trace.sysctls[trace.watch];
    const full = `net.ipv4.${name}`;
    const value = change(settings[full]);
    if (value === null) return null;
    return {
      ...trace,
      sysctls: { ...trace.sysctls, [trace.watch]: { ...settings, [full]: value } },
    };
  };
}

/** A write of more is a transfer: what it leaves behind is an input of the replay. */
const TRANSFER_BYTES = 14_480;

/** What was done, at another time or otherwise. */
function done(what: string, change: (entry: LogEntry) => LogEntry): Mutation {
  return (trace) => {
    const isChosen = (entry: LogEntry): boolean =>
      entry.what === what &&
      (entry.event === 'do' || entry.who === 'wire') &&
      !(Number(entry.args[0]) > TRANSFER_BYTES);
    if (!trace.log.some(isChosen)) return null;
    const log = trace.log.map((entry) => (isChosen(entry) ? change(entry) : entry));
    return { ...trace, log: log.toSorted((a, b) => a.t - b.t) };
  };
}

function wire(moreMs: number): Mutation {
  return (trace) => {
    if (trace.rttMs + moreMs < 0) return null;
    const { server, client } = trace.oneWayMs;
    const oneWayMs = { server: server + moreMs / 2, client: client + moreMs / 2 };
    return { ...trace, rttMs: trace.rttMs + moreMs, oneWayMs };
  };
}

const TWO_32 = 2 ** 32;

/** By name. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'one packet 200 ms later': one(compared, later(0.2)),
  'one packet 200 ms earlier': one(compared, later(-0.2)),
  'one signal 3 jiffies later': ticks(3)(signals, one),
  'one signal 3 jiffies earlier': ticks(-3)(signals, one),
  'every signal 3 jiffies earlier': ticks(-3)(signals, each),
  'every signal 3 jiffies later': ticks(3)(signals, each),
  'every packet 3 jiffies earlier': ticks(-3)(compared, each),
  'every packet 3 jiffies later': ticks(3)(compared, each),
  'every packet 500 ms later, no phase': (trace, draw) => {
    const found = each(compared, later(0.5))(trace, draw);
    return found === null ? null : { ...found, jiffiesAtT0: null };
  },
  'one signal 200 ms earlier, no phase': (trace, draw) => {
    const found = one(signals, later(-0.2))(trace, draw);
    return found === null ? null : { ...found, jiffiesAtT0: null };
  },
  'one packet missing': one(compared, removed),
  'every signal missing': each(signals, removed),
  'one signal twice': one(signals, (packet) => [packet, { ...packet, t: packet.t + 0.01 }]),
  'no packets': (trace) => (trace.packets.some(compared(trace)) ? { ...trace, packets: [] } : null),
  'retransmissions one byte on': each(retransmits, (packet) => [
    { ...packet, seq: (packet.seq + 1) % TWO_32 },
  ]),
  'retransmissions one byte short': each(retransmits, (packet) => [
    { ...packet, length: packet.length - 1 },
  ]),
  'own window wrong': each(sends, (packet) => [{ ...packet, window: packet.window * 2 + 1 }]),
  "peer's window wrong": each(peersAck, (packet) => [{ ...packet, window: packet.window * 2 + 1 }]),
  "peer's ACKs missing": each(peersAck, removed),
  "one of the peer's ACKs missing": one(peersAck, removed),
  "peer's ACKs of a byte less": each(peersAck, (packet) => [
    { ...packet, ack: (packet.ack + TWO_32 - 1) % TWO_32 },
  ]),
  "peer's ACKs 30 ms later": each(peersAck, later(0.03)),
  "peer's ACKs 3 jiffies earlier": ticks(-3)(peersAck, each),
  'new data 30 ms later': each(newData, later(0.03)),
  'new data one byte longer': each(newData, (packet) => [{ ...packet, length: packet.length + 1 }]),
  'no FIN': each(
    those(({ flags }) => flags.includes('F')),
    (packet) => [{ ...packet, flags: packet.flags.replace('F', '') }],
  ),
  'no RST': each(
    those((packet, trace) => packet.flags.includes('R') && own(trace, packet)),
    (packet) => [{ ...packet, flags: packet.flags.replace('R', '') }],
  ),
  'what was lost arrived': each(
    those((packet, trace) => packet.dropped && own(trace, packet)),
    (packet) => [{ ...packet, dropped: false }],
  ),
  'samples: state': sample('state', (value) => (value === 8 ? 1 : 8)),
  'samples: retransmits': sample('retransmits', (value) => value + 1),
  'samples: probes': sample('probes', (value) => value + 1),
  'samples: backoff': sample('backoff', (value) => value + 1),
  'samples: rto': sample('rtoUs', (value) => value * 2),
  // One segment or write more is what a sample shows that is taken at the instant of a write.
  'samples: unacked': sample('unacked', (value) => value + 2),
  // What a take-over finds in the queue is an input of the replay.
  'samples: outq': (trace, draw) =>
    adoptionsOf(trace, timingOf(trace)).length > 0
      ? null
      : sample('outq', (value) => value + 10_000)(trace, draw),
  'samples: bytes_acked': sample('bytesAcked', (value) => value + 1),
  'the end 3 jiffies earlier': shifted(({ hz }) => -3 / hz),
  'the end 3 jiffies later': shifted(({ hz }) => 3 / hz),
  'the end 1 s earlier': shifted(() => -1),
  'the end 1 s later': shifted(() => 1),
  'another errno': ending((entry) => ({ ...entry, error: 'EPROTO' })),
  'no end': ending(() => null),
  'tcp_retries2 one more': sysctl('tcp_retries2', (value) => (value ?? 15) + 1),
  'user timeout 1 % longer': option('TCP_USER_TIMEOUT', (ms) => Math.round(ms * 1.01)),
  'user timeout 1 % shorter': option('TCP_USER_TIMEOUT', (ms) => Math.round(ms * 0.99)),
  'keepalive interval 1 s longer': option('TCP_KEEPINTVL', (seconds) => seconds + 1),
  'one keepalive probe more': option('TCP_KEEPCNT', (probes) => probes + 1),
  'a round trip 10 ms longer': wire(10),
  'a round trip 10 ms shorter': wire(-10),
  'the other kernel': (trace) => ({
    ...trace,
    profile: trace.profile === '6.12' ? '6.18' : '6.12',
    sysctls: {
      server: without612(trace.sysctls.server),
      client: without612(trace.sysctls.client),
    },
  }),
  'a phase 3 jiffies on': (trace) =>
    trace.jiffiesAtT0 === null ? null : { ...trace, jiffiesAtT0: trace.jiffiesAtT0 + 3 },
  'writes of a byte more': done('write', (entry) => ({
    ...entry,
    args: [Number(entry.args[0]) + 1],
  })),
  'writes 30 ms later': done('write', (entry) => ({ ...entry, t: entry.t + 0.03 })),
  'wire cut 300 ms later': done('drop', (entry) => ({ ...entry, t: entry.t + 0.3 })),
};

/** Settings that came after 6.12. */
function without612(settings: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !name.endsWith('tcp_rto_max_ms')),
  );
}
