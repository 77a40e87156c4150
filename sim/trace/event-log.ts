/**
 * The event log of a run: always a digest, and a timeline of events only when it is asked for. Both are fed by the same
 * calls, so a measured run and a printed one are the same run.
 */
import type { RunEvent, Where } from '../../model/results/types.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import { Digest } from '../digest.ts';
import { TcpState } from '../kernel/types.ts';
import type { Errno, TcpStateCode } from '../kernel/types.ts';
import type { Segment } from '../network/segment.ts';
import { eventTypes, type EventType } from './event-types.ts';
import { Tape, type StreamSteps, type TapeReader } from './tape.ts';

/** The errno names by the number that stands for them in a digest. */
export const ERRNOS: readonly Errno[] = [
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
];

/** Marks packets in the digest, beyond every event type's number. */
const PACKET_ID = 64;
/** Marks packets of another link than the server's. */
const FAR_ID = 63;
/** Above every packet's kind: flags, direction, fate. */
const KIND_LIMIT = 512;

const STATE_NAMES = new Map<number, string>(
  Object.entries(TcpState).map(([name, code]) => [code, name]),
);

/** A link beyond a proxy. */
export interface FarLink {
  /** Of the proxy at its end towards the server, from the client on. */
  readonly place: number;
  readonly client: string;
  readonly server: string;
}

export class EventLog implements TapeReader {
  readonly digest = new Digest();
  /** Whether a timeline is kept. */
  readonly recording: boolean;
  readonly #scheduler: Scheduler;
  readonly #mechanisms: readonly string[];
  readonly #proxies: readonly string[];
  readonly #timeline: RunEvent[] = [];
  /** The kernel rule behind the next packet, told by the kernel's observer. */
  #why = '';
  #connection = 0;
  #lastUs = NaN;
  #over = false;
  readonly #tape = new Tape();
  #taping = false;
  /** What was there when this connection's life began. */
  readonly #before = { a: 0, b: 0, events: 0 };

  /**
   * @param mechanisms names of the policy's mechanisms, by index: for people only
   * @param proxies names of the proxies on the way, from the client on
   */
  constructor(
    scheduler: Scheduler,
    mechanisms: readonly string[],
    recording: boolean,
    proxies: readonly string[] = [],
  ) {
    this.#scheduler = scheduler;
    this.#mechanisms = mechanisms;
    this.#proxies = proxies;
    this.recording = recording;
  }

  get timeline(): readonly RunEvent[] {
    return this.#timeline;
  }

  /** A connection's life begins; the first one of a run starts digest and timeline afresh. */
  begin(connection: number): void {
    this.#over = false;
    this.#lastUs = 0;
    this.#connection = connection;
    if (connection === 0) {
      this.digest.reset();
      this.#timeline.length = 0;
    }
    this.#before.a = this.digest.a;
    this.#before.b = this.digest.b;
    this.#before.events = this.#timeline.length;
  }

  /** This connection's life is played again from its beginning: what was logged of it so far is forgotten. */
  beginAgain(): void {
    this.#over = false;
    this.#lastUs = 0;
    this.digest.a = this.#before.a;
    this.digest.b = this.#before.b;
    this.#timeline.length = this.#before.events;
  }

  /** The server's kernel forgot the socket: what the other side still does is no part of the run. */
  end(): void {
    this.#over = true;
  }

  note(type: EventType, first = 0, second = 0): void {
    if (this.#over) return;
    const afterUs = this.#sinceLast();
    if (this.#taping) this.#tape.note(afterUs, type.id, first, second, type === eventTypes.sampled);
    this.takeNote(afterUs, type.id, first, second);
    if (this.recording) this.#record(type, first, second);
  }

  /** An event of a scenario about many connections, at its own time: that begins with the run. */
  noteAt(atUs: number, type: EventType, first = 0): void {
    const { digest } = this;
    digest.add(atUs);
    digest.add(type.id);
    digest.add(first);
    if (!this.recording) return;
    const [name] = type.details;
    const details = name === undefined ? {} : { [name]: first };
    this.#timeline.push({
      atMs: atUs / 1000,
      where: type.where,
      event: type.event,
      ...details,
      fleet: true,
    });
  }

  /** A segment was handed to the wire; `lost` says that it will never arrive. */
  packet(segment: Segment, lost: boolean): void {
    if (this.#over) return;
    this.#digestPacket(segment, lost);
    if (!this.recording) return;
    this.#push('wire', lost ? 'packet-lost' : 'packet', {
      ...this.#endsOf(segment),
      ...packetDetails(segment),
      why: this.#why,
    });
  }

  /** Who sends; to whom is said where that is a proxy. */
  #endsOf({ fromServer }: Segment): Record<string, string> {
    const proxy = this.#proxies.at(-1);
    if (proxy === undefined) return { from: fromServer ? 'server' : 'client' };
    return fromServer ? { from: 'server', to: proxy } : { from: proxy, to: 'server' };
  }

  #digestPacket(segment: Segment, lost: boolean): void {
    const { seq, ackSeq, fromServer } = segment;
    const flags = flagBits(segment) + (fromServer ? 64 : 0) + (lost ? 128 : 0);
    const kind = PACKET_ID + flags + segment.length * KIND_LIMIT;
    const afterUs = this.#sinceLast();
    if (this.#taping) this.#tape.packet(afterUs, kind, seq, ackSeq, fromServer);
    this.takePacket(afterUs, kind, seq, ackSeq);
  }

  takeNote(afterUs: number, id: number, first: number, second: number): void {
    const { digest } = this;
    digest.add(afterUs);
    digest.add(id);
    digest.add(first);
    digest.add(second);
  }

  takePacket(afterUs: number, kind: number, seq: number, ackSeq: number): void {
    const { digest } = this;
    digest.add(afterUs);
    digest.add(kind);
    digest.add(Math.imul(seq, 0x27d4eb2f) ^ ackSeq);
  }

  // Cycles that only repeat.

  /** From now on what is logged is kept, to be logged again; what was kept before is forgotten. */
  beginCycle(): void {
    this.#tape.clear();
    this.#taping = true;
  }

  /** Whether anything was. */
  get hasLogged(): boolean {
    return !this.#tape.isEmpty;
  }

  /** Nothing is kept any more. */
  endCycles(): void {
    this.#taping = false;
  }

  walk(state: StateWalk): void {
    this.#lastUs = this.#tape.isEmpty
      ? state.passed(Unit.Us, this.#lastUs)
      : state.moves(Unit.Us, this.#lastUs);
  }

  /** What was kept is logged `times` times more. */
  repeatCycle(times: number, steps: StreamSteps): void {
    this.#tape.repeat(times, steps, this);
  }

  /** The same on a link beyond the proxy at `place`; `from` and `to` are what people call its ends. */
  farPacket(segment: Segment, lost: boolean, link: FarLink): void {
    if (this.#over) return;
    this.digest.add(FAR_ID + link.place * KIND_LIMIT);
    this.#digestPacket(segment, lost);
    if (!this.recording) return;
    const [from, to] = segment.fromServer ? [link.server, link.client] : [link.client, link.server];
    this.#push('far-wire', lost ? 'packet-lost' : 'packet', {
      from,
      to,
      ...packetDetails(segment),
      why: this.#why,
    });
  }

  /** The kernel says why it sends what `packet` reports next. */
  explain(why: string): void {
    this.#why = why;
  }

  kernelState(isServer: boolean, from: TcpStateCode, to: TcpStateCode, why: string): void {
    if (!this.recording || this.#over) return;
    const where = isServer ? 'server-kernel' : 'peer-kernel';
    this.#push(where, 'state', {
      from: STATE_NAMES.get(from) ?? String(from),
      to: STATE_NAMES.get(to) ?? String(to),
      why,
    });
  }

  /** Time enters the digest as the time since the last entry: a small number, cheap to add. */
  #sinceLast(): number {
    const { nowUs } = this.#scheduler;
    const afterUs = nowUs - this.#lastUs;
    this.#lastUs = nowUs;
    return afterUs;
  }

  #record(type: EventType, first: number, second: number): void {
    const details: Record<string, string | number> = {};
    const values = [first, second];
    type.details.forEach((name, i) => {
      const value = values[i] as number;
      details[name] = this.#inWords(name, value);
    });
    this.#push(type.where, type.event, details);
  }

  #inWords(name: string, value: number): string | number {
    if (name === 'mechanism') return this.#mechanisms[value] ?? 'process';
    if (name === 'proxy') return this.#proxies[value] ?? value;
    return name === 'errno' ? (ERRNOS[value] as string) : value;
  }

  #push(where: Where, event: string, details: Record<string, string | number>): void {
    const atMs = this.#scheduler.nowUs / 1000;
    const connection = this.#connection === 0 ? {} : { connection: this.#connection };
    this.#timeline.push({ atMs, where, event, ...details, ...connection });
  }
}

function packetDetails(segment: Segment) {
  const { seq, ackSeq, length, windowBytes } = segment;
  return { flags: flagText(segment), seq, ack: ackSeq, length, window: windowBytes };
}

function flagBits(segment: Segment): number {
  return (
    (segment.syn ? 1 : 0) +
    (segment.ack ? 2 : 0) +
    (segment.fin ? 4 : 0) +
    (segment.rst ? 8 : 0) +
    (segment.psh ? 16 : 0)
  );
}

/** As tcpdump writes flags: S F R P and a dot for ACK. */
function flagText(segment: Segment): string {
  return (
    (segment.syn ? 'S' : '') +
    (segment.fin ? 'F' : '') +
    (segment.rst ? 'R' : '') +
    (segment.psh ? 'P' : '') +
    (segment.ack ? '.' : '')
  );
}
