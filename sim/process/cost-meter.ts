/**
 * The cost of a policy on a healthy connection: packets, bytes and wake-ups that would not be there without it, counted in a window of the life before anything goes wrong.
 *
 * A packet is the policy's if it carries nothing but pings or pongs, or is a keepalive probe, or is
 * a bare acknowledgement of nothing but those. A ping that rides in a packet of the application adds
 * no packet. Bytes are counted from IP up, with TCP timestamps (20 + 20 + 12). A wake-up is the
 * server process's: a timer of the reaper, or a pong to read.
 *
 * Where a fault or a silence is to come, the cost is that of a few healthy lives without it, under the same load: of
 * whole rounds of everything that repeats, once the connection is as old as the oldest that is played, or of the
 * whole life where the policy itself ends it sooner. In a life where nothing is silent it is that life.
 */
import { MSS } from '../../model/linux/constants.ts';
import { Unit, type StateWalk, type UnitCode } from '../clock/state-walk.ts';
import type { Segment } from '../network/segment.ts';

const HEADER_BYTES = 52;

/** One direction's memory: where the policy's own frames lie, and whether an acknowledgement is owed to the load. */
interface Direction {
  ownFrom: number;
  ownTo: number;
  /** One beyond the highest sequence number sent. */
  nextSeq: number;
  loadUnacked: boolean;
  ownUnacked: boolean;
}

export class CostMeter {
  packets = 0;
  bytes = 0;
  wakeups = 0;
  /** Length of the window that was really lived, µs. */
  livedUs = NaN;
  #openUs = NaN;
  #fromUs = NaN;
  #toUs = NaN;
  /** The same counts since the opening. */
  #allPackets = 0;
  #allBytes = 0;
  #allWakeups = 0;
  readonly #toClient: Direction = newDirection();
  readonly #toServer: Direction = newDirection();

  /** Counts from `fromUs` to before `toUs`; `openUs`: when the connection is open. */
  reset(openUs: number, fromUs: number, toUs: number): void {
    this.packets = 0;
    this.bytes = 0;
    this.wakeups = 0;
    this.livedUs = 0;
    this.#allPackets = 0;
    this.#allBytes = 0;
    this.#allWakeups = 0;
    this.#openUs = openUs;
    this.#fromUs = fromUs;
    this.#toUs = toUs;
    resetDirection(this.#toClient);
    resetDirection(this.#toServer);
  }

  /** The living part of the run ended at `nowUs`, in the window or after it. */
  finish(nowUs: number): void {
    this.livedUs = Math.max(0, Math.min(nowUs, this.#toUs) - this.#fromUs);
  }

  /** The life ended at `nowUs`, before its window did: then all of it counts. */
  finishWhole(nowUs: number): void {
    this.packets = this.#allPackets;
    this.bytes = this.#allBytes;
    this.wakeups = this.#allWakeups;
    this.livedUs = Math.max(0, nowUs - this.#openUs);
  }

  /** A ping or pong occupies the stream offsets from `start` up to `end`. */
  ownFrame(toClient: boolean, start: number, end: number): void {
    const direction = toClient ? this.#toClient : this.#toServer;
    if (start !== direction.ownTo) direction.ownFrom = start;
    direction.ownTo = end;
  }

  /** The server's process was woken at `firstUs` and `more` times after it, `everyUs` apart. */
  woken(firstUs: number, everyUs: number, more: number): void {
    const before = (us: number): number => {
      if (more === 0) return firstUs < us ? 1 : 0;
      return Math.min(more + 1, Math.max(0, Math.ceil((us - firstUs) / everyUs)));
    };
    const end = before(this.#toUs);
    this.wakeups += end - before(this.#fromUs);
    this.#allWakeups += end - before(this.#openUs);
  }

  walk(state: StateWalk): void {
    this.packets = state.counts(this.packets);
    this.bytes = state.counts(this.bytes);
    this.wakeups = state.counts(this.wakeups);
    this.#allPackets = state.counts(this.#allPackets);
    this.#allBytes = state.counts(this.#allBytes);
    this.#allWakeups = state.counts(this.#allWakeups);
    walkDirection(this.#toClient, state, Unit.ToClient);
    walkDirection(this.#toServer, state, Unit.ToServer);
  }

  packet(segment: Segment, nowUs: number): void {
    const sent = segment.fromServer ? this.#toClient : this.#toServer;
    const heard = segment.fromServer ? this.#toServer : this.#toClient;
    // A keepalive probe is a bare ACK one byte below what is expected (tcp_xmit_probe_skb).
    const isProbe = segment.length === 0 && !segment.syn && segment.seq < sent.nextSeq;
    const asks = segment.length > 0 || isProbe;
    const own = asks
      ? isProbe || isOwn(segment, sent)
      : heard.ownUnacked && !heard.loadUnacked && !segment.syn && !segment.fin;
    if (asks && own) sent.ownUnacked = true;
    else if (asks || segment.syn || segment.fin) sent.loadUnacked = true;
    sent.nextSeq = Math.max(sent.nextSeq, segment.seq + segment.length + (segment.syn ? 1 : 0));
    heard.loadUnacked = false;
    heard.ownUnacked = false;
    if (!own || nowUs < this.#openUs || nowUs >= this.#toUs) return;
    const packets = Math.max(1, Math.ceil(segment.length / MSS));
    const bytes = packets * HEADER_BYTES + segment.length;
    this.#allPackets += packets;
    this.#allBytes += bytes;
    if (nowUs < this.#fromUs) return;
    this.packets += packets;
    this.bytes += bytes;
  }
}

function walkDirection(direction: Direction, state: StateWalk, unit: UnitCode): void {
  direction.ownFrom = state.passed(unit, direction.ownFrom);
  direction.ownTo = state.passed(unit, direction.ownTo);
  direction.nextSeq = state.moves(unit, direction.nextSeq);
  state.same(Number(direction.loadUnacked));
  state.same(Number(direction.ownUnacked));
}

function newDirection(): Direction {
  return { ownFrom: 0, ownTo: 0, nextSeq: 0, loadUnacked: false, ownUnacked: false };
}

function resetDirection(direction: Direction): void {
  direction.ownFrom = -1;
  direction.ownTo = -1;
  direction.nextSeq = 0;
  direction.loadUnacked = false;
  direction.ownUnacked = false;
}

/** Nothing but pings or pongs: relative sequence numbers start at the SYN, offsets after it. */
function isOwn(segment: Segment, direction: Direction): boolean {
  const start = segment.seq - 1;
  return start >= direction.ownFrom && start + segment.length <= direction.ownTo;
}
