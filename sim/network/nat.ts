/**
 * A middlebox that keeps a table of flows and forgets the ones that were quiet for too long: a NAT
 * gateway, a stateful firewall, a balancer. Whom it tells, and how, is its manner of expiry:
 *
 * - `drop`: nobody; what comes after is dropped in silence.
 * - `reset-next`: whoever sends next is answered with a reset, as a packet of a connection that does not
 *   exist (RFC 9293 §3.10.7.1).
 * - `reset-server`, `reset-client`: that side gets a reset at once, the other nothing.
 * - `fin-both`: both sides get a FIN, as from a proxy that closes its two sockets; it acknowledges the FINs
 *   that answer, and resets who still sends data.
 *
 * It stands half way: a quarter of the round trip from each end.
 */
import { assert } from '../../model/assert.ts';
import { Unit, type StateWalk, type UnitCode } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import { blankSegment, copySegment, endSeq, type MutableSegment } from './segment.ts';
import type { Segment } from './segment.ts';
import { createPath } from './path.ts';
import type { Path, PathDelays } from './path.ts';

/** What it does with a flow that it has forgotten. */
export type Expiry = 'drop' | 'reset-next' | 'reset-server' | 'reset-client' | 'fin-both';

export interface NatSetting {
  /** Quiet time after which the flow is forgotten. */
  readonly idleMs: number;
  readonly onExpiry: Expiry;
}

export interface NatHost {
  /** The flow is forgotten, at this instant. */
  forgotten(): void;
  /** A segment of the box's own leaves it. */
  sent(segment: Segment): void;
  /** It arrives. */
  deliver(segment: Segment): void;
}

/** What the box knows of one side from what it has sent. */
interface Side {
  readonly last: MutableSegment;
  /** One beyond the highest sequence number sent: what the other side expects. */
  nextSeq: number;
}

export class Nat {
  /** Whether the flow is gone from the table. */
  forgotten = false;
  readonly #scheduler: Scheduler;
  readonly #idleUs: number;
  readonly #onExpiry: Expiry;
  readonly #host: NatHost;
  readonly #slot: number;
  readonly #delays: PathDelays;
  /** From the box to either end; null for one that never says anything. */
  readonly #wires: Path | null;
  readonly #server: Side = newSide();
  readonly #client: Side = newSide();
  #lastPacketUs = NaN;

  /** @param delays one-way delays of the whole path; the box stands in the middle of it */
  constructor(scheduler: Scheduler, setting: NatSetting, delays: PathDelays, host: NatHost) {
    this.#scheduler = scheduler;
    this.#idleUs = setting.idleMs * 1000;
    this.#onExpiry = setting.onExpiry;
    this.#host = host;
    this.#delays = delays;
    this.#slot = scheduler.slot(() => this.#look());
    this.#wires =
      setting.onExpiry === 'drop'
        ? null
        : createPath(scheduler, delays, (segment) => host.deliver(segment));
  }

  /** When the last packet came by. */
  get lastPacketUs(): number {
    return this.#lastPacketUs;
  }

  walk(state: StateWalk): void {
    state.none(Number(this.forgotten));
    this.#lastPacketUs = state.passed(Unit.Us, this.#lastPacketUs);
    if (this.#wires === null) return;
    walkSide(this.#server, state, Unit.ToClient, Unit.ToServer);
    walkSide(this.#client, state, Unit.ToServer, Unit.ToClient);
  }

  reset(): void {
    this.forgotten = false;
    this.#server.nextSeq = 0;
    this.#client.nextSeq = 0;
    this.#wires?.toClient.reset(Math.floor(this.#delays.toClientUs / 2));
    this.#wires?.toServer.reset(Math.floor(this.#delays.toServerUs / 2));
    this.#lastPacketUs = this.#scheduler.nowUs;
    this.#scheduler.arm(this.#slot, this.#lastPacketUs + this.#idleUs);
  }

  /** A packet comes by, in either direction; false = it goes no further. */
  pass(segment: Segment): boolean {
    this.#lastPacketUs = this.#scheduler.nowUs;
    if (this.forgotten) {
      if (this.#wires !== null) this.#answer(segment);
      return false;
    }
    if (this.#wires !== null) {
      const side = segment.fromServer ? this.#server : this.#client;
      copySegment(segment, side.last);
      side.nextSeq = Math.max(side.nextSeq, endSeq(segment));
    }
    return true;
  }

  /** One look per idle time: the entry's age decides, and the next look is when it could expire. */
  #look(): void {
    const expiryUs = this.#lastPacketUs + this.#idleUs;
    if (expiryUs > this.#scheduler.nowUs) {
      this.#scheduler.arm(this.#slot, expiryUs);
      return;
    }
    this.forgotten = true;
    this.#host.forgotten();
    if (this.#onExpiry === 'reset-server') this.#speak(true, 'rst');
    if (this.#onExpiry === 'reset-client') this.#speak(false, 'rst');
    if (this.#onExpiry === 'fin-both') {
      this.#speak(true, 'fin');
      this.#speak(false, 'fin');
    }
    this.#answersFromNowOn();
  }

  /** Says something in the name of the other side: to the server as the client, and the reverse. */
  #speak(toServer: boolean, flag: 'rst' | 'fin'): void {
    const { last, nextSeq } = toServer ? this.#client : this.#server;
    last.syn = false;
    last.psh = false;
    last.ack = true;
    last.fin = flag === 'fin';
    last.rst = flag === 'rst';
    last.seq = nextSeq;
    last.length = 0;
    last.sackBlocks = 0;
    this.#send(last);
  }

  /** What is answered takes the way to the box and back: as long as one way through. */
  #answersFromNowOn(): void {
    if (this.#wires === null) return;
    this.#wires.toClient.delayUs = this.#delays.toClientUs;
    this.#wires.toServer.delayUs = this.#delays.toServerUs;
  }

  #answer(segment: Segment): void {
    if (segment.rst) return;
    if (this.#onExpiry === 'reset-next') this.#resetFor(segment);
    else if (this.#onExpiry === 'fin-both') this.#answerAsClosedProxy(segment);
  }

  #answerAsClosedProxy(segment: Segment): void {
    if (segment.length > 0) {
      this.#resetFor(segment);
      return;
    }
    if (!segment.fin) return;
    const { last, nextSeq } = segment.fromServer ? this.#client : this.#server;
    last.fin = false;
    last.rst = false;
    // Its own FIN has taken one number.
    last.seq = nextSeq + 1;
    last.ackSeq = endSeq(segment);
    last.echoMs = segment.timestampMs;
    this.#send(last);
  }

  #resetFor(segment: Segment): void {
    const { last } = segment.fromServer ? this.#client : this.#server;
    last.syn = false;
    last.psh = false;
    last.fin = false;
    last.ack = false;
    last.rst = true;
    last.seq = segment.ackSeq;
    last.ackSeq = 0;
    last.length = 0;
    last.sackBlocks = 0;
    this.#send(last);
  }

  #send(segment: Segment): void {
    assert(this.#wires !== null, 'a silent box says nothing');
    this.#host.sent(segment);
    const wire = segment.fromServer ? this.#wires.toClient : this.#wires.toServer;
    wire.send(segment);
  }
}

/** What is said in the name of the other side is its last segment, but for what `speak` and `answer` make of it. */
function walkSide(side: Side, state: StateWalk, sent: UnitCode, heard: UnitCode): void {
  const { last } = side;
  side.nextSeq = state.moves(sent, side.nextSeq);
  last.seq = state.passed(sent, last.seq);
  last.ackSeq = state.moves(heard, last.ackSeq);
  last.timestampMs = state.moves(Unit.Ms, last.timestampMs);
  last.echoMs = state.moves(Unit.Ms, last.echoMs);
  state.same(last.windowBytes);
  state.same(last.burstBytes);
}

function newSide(): Side {
  return { last: blankSegment(), nextSeq: 0 };
}
