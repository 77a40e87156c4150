/**
 * The compiled reaper, the very engine of production, in an ideal world: a path that takes exactly
 * half a round trip each way, a send path that takes everything at once, kernels that acknowledge
 * every byte when it arrives, a peer that answers at once. No kernel timers and no full buffers;
 * what needs those is not explored (see `applies.ts`).
 *
 * The world goes on event by event, each at a known time; the only freedom is left to its caller:
 * between any two events the peer may go or fall silent. Of two events at one instant, what a host
 * reports comes before a clock that runs out, as the engine's contract says.
 */
import { compileReaper, LifeBit, ReaperEffect } from '../../model/reaper/index.ts';
import type { ReaperInstance, ReaperMemory, SocketSample } from '../../model/reaper/index.ts';
import type { Setting } from './setting.ts';

/** What is on its way. */
const Packet = { Ping: 1, Message: 2, Ack: 3, Pong: 4, ApplicationAck: 5, PeerMessage: 6 } as const;
type PacketCode = (typeof Packet)[keyof typeof Packet];

interface Flying {
  readonly packet: PacketCode;
  readonly dueUs: number;
}

/** What is wrong. Packets are lost when they are sent; answers are held back until the end. */
export interface Trouble {
  readonly losesToClient?: boolean;
  readonly losesToServer?: boolean;
  readonly holdsPongs?: boolean;
  /** Messages of the peer, and its application's acknowledgements. */
  readonly holdsOwn?: boolean;
  /** Acknowledgements by the peer's kernel. */
  readonly holdsAcks?: boolean;
  /** The server's process does not read. */
  readonly holdsReading?: boolean;
  /** Nor do its timers run. */
  readonly holdsTimers?: boolean;
}

/** How a step ended: `open` = the connection lives on. */
export type Fate = 'open' | 'reaped' | 'closed';

/** Everything that the future depends on. */
export interface Moment {
  readonly nowUs: number;
  readonly reaper: ReaperMemory;
  readonly toClient: readonly Flying[];
  readonly toServer: readonly Flying[];
  readonly nextWriteUs: number;
  readonly nextPeerWriteUs: number;
  readonly bytesAcked: number;
}

export class IdealWorld {
  nowUs = 0;
  fate: Fate = 'open';
  readonly #setting: Setting;
  readonly #reaper: ReaperInstance;
  /** Read and overwritten by every `key`. */
  readonly #scratch: ReaperMemory;
  readonly #sample: SocketSample = {
    queueBytes: 0,
    userQueueBytes: 0,
    bytesAcked: 0,
    established: true,
  };
  #toClient: Flying[] = [];
  #toServer: Flying[] = [];
  #held: PacketCode[] = [];
  #unread: PacketCode[] = [];
  #nextWriteUs = Infinity;
  #nextPeerWriteUs = Infinity;
  #bytesAcked = 0;
  /** Something was lost for good: the queue never empties again. */
  #stuck = false;
  #trouble: Trouble = {};
  #troubleEndsUs = Infinity;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#reaper = compileReaper(setting.policy).instance();
    this.#scratch = this.#reaper.memory();
  }

  /** A connection opens at 0; the shared sweep ticks, and the server writes, so many ticks later. */
  open(sweepPhase: number, writePhase: number): void {
    const { tickUs, writes } = this.#setting;
    this.#forget();
    this.nowUs = 0;
    this.#toClient = [];
    this.#toServer = [];
    this.#bytesAcked = 0;
    this.#nextWriteUs = writes === null ? Infinity : writePhase * tickUs;
    this.#nextPeerWriteUs =
      writes?.both === true ? this.#nextWriteUs + writes.everyUs / 2 : Infinity;
    this.#reaper.start(0, sweepPhase * tickUs);
    this.#carryOut();
  }

  moment(): Moment {
    return {
      nowUs: this.nowUs,
      reaper: this.#reaper.memory(),
      toClient: this.#toClient.slice(),
      toServer: this.#toServer.slice(),
      nextWriteUs: this.#nextWriteUs,
      nextPeerWriteUs: this.#nextPeerWriteUs,
      bytesAcked: this.#bytesAcked,
    };
  }

  /** Back to a moment of a life without trouble. */
  recall(moment: Moment): void {
    this.#forget();
    this.nowUs = moment.nowUs;
    this.#reaper.recall(moment.reaper);
    this.#toClient = moment.toClient.slice();
    this.#toServer = moment.toServer.slice();
    this.#nextWriteUs = moment.nextWriteUs;
    this.#nextPeerWriteUs = moment.nextPeerWriteUs;
    this.#bytesAcked = moment.bytesAcked;
  }

  /** Trouble begins at `atUs`, before whatever else is due then. Infinity = it never ends. */
  trouble(trouble: Trouble, atUs: number, endsUs: number): void {
    this.nowUs = atUs;
    this.#trouble = trouble;
    this.#troubleEndsUs = endsUs;
  }

  /** Whether trouble is over and all that it held back is on its way. */
  get healthy(): boolean {
    return this.#troubleEndsUs === Infinity && Object.keys(this.#trouble).length === 0;
  }

  /** When the next thing happens; Infinity = nothing ever does. */
  get nextUs(): number {
    return Math.min(
      this.#toClient[0]?.dueUs ?? Infinity,
      this.#toServer[0]?.dueUs ?? Infinity,
      this.#troubleEndsUs,
      this.#nextWriteUs,
      this.#nextPeerWriteUs,
      this.#deadlineUs,
    );
  }

  /**
   * Equal texts have equal futures: control states, and every time relative to now. The origin of a
   * grid is left out because the grid's next tick is always armed; bytes are left out but for whether
   * they moved since they were last looked at.
   */
  key(): string {
    const { state, dueUs, measured } = this.#reaper.memory(this.#scratch);
    const { nowUs } = this;
    let key = Number(this.#stuck) + state.join();
    for (const bytes of measured) key += bytes === this.#bytesAcked ? '=' : '≠';
    for (const atUs of dueUs) key += atUs === Infinity ? ',' : `,${atUs - nowUs}`;
    for (const { packet, dueUs: atUs } of this.#toClient) key += `>${packet}@${atUs - nowUs}`;
    for (const { packet, dueUs: atUs } of this.#toServer) key += `<${packet}@${atUs - nowUs}`;
    if (this.#held.length > 0) key += `h${this.#held.join('')}`;
    if (this.#unread.length > 0) key += `u${this.#unread.join('')}`;
    return `${key};${this.#nextWriteUs - nowUs};${this.#nextPeerWriteUs - nowUs}`;
  }

  /** Plays the next event. */
  step(): void {
    const atUs = this.nextUs;
    this.nowUs = atUs;
    if (this.#troubleEndsUs === atUs) this.#recover();
    else if (this.#toClient[0]?.dueUs === atUs) this.#clientReceives(this.#toClient.shift());
    else if (this.#toServer[0]?.dueUs === atUs) this.#serverReceives(this.#toServer.shift());
    else if (this.#nextWriteUs === atUs) this.#write();
    else if (this.#nextPeerWriteUs === atUs) this.#peerWrites();
    else {
      this.#reaper.advance(atUs);
      this.#carryOut();
    }
  }

  get #deadlineUs(): number {
    return this.#trouble.holdsTimers === true ? Infinity : this.#reaper.deadlineUs;
  }

  #forget(): void {
    this.fate = 'open';
    this.#held = [];
    this.#unread = [];
    this.#stuck = false;
    this.#trouble = {};
    this.#troubleEndsUs = Infinity;
  }

  // The server.

  /** Carries effects out in order; a ping is taken by the send path at once. */
  #carryOut(): void {
    const reaper = this.#reaper;
    const effects = Array.from(reaper.effects.subarray(0, reaper.effectCount));
    for (const effect of effects) {
      switch (effect) {
        case ReaperEffect.Ping:
          this.#sendToClient(Packet.Ping);
          reaper.pingWritten(this.nowUs);
          this.#carryOut();
          break;
        case ReaperEffect.Sample:
          this.#sample.queueBytes = this.#queued();
          this.#sample.bytesAcked = this.#bytesAcked;
          reaper.sampled(this.#sample, this.nowUs);
          this.#carryOut();
          break;
        default:
          this.fate = effect === ReaperEffect.Reap ? 'reaped' : 'closed';
      }
    }
  }

  /** What was sent and is not acknowledged: a unit each, as no verdict asks how many. */
  #queued(): number {
    const acks = this.#toServer.filter(({ packet }) => packet === Packet.Ack).length;
    const held = this.#held.filter((packet) => packet === Packet.Ack).length;
    return this.#toClient.length + acks + held + Number(this.#stuck);
  }

  #sendToClient(packet: PacketCode): void {
    if (this.#trouble.losesToClient === true) this.#stuck = true;
    else this.#toClient.push({ packet, dueUs: this.nowUs + this.#setting.wayUs });
  }

  #write(): void {
    this.#nextWriteUs += this.#setting.writes?.everyUs ?? Infinity;
    this.#sendToClient(Packet.Message);
    this.#reaper.messageSent(this.nowUs);
    this.#carryOut();
  }

  #serverReceives(flying: Flying | undefined): void {
    if (flying === undefined) return;
    const { packet } = flying;
    if (packet === Packet.Ack) this.#bytesAcked += 1;
    else if (this.#trouble.holdsReading === true) keepOne(this.#unread, packet);
    else this.#read(packet);
  }

  #read(packet: PacketCode): void {
    this.#reaper.received(lifeBits(packet), this.nowUs);
    this.#carryOut();
  }

  // The client.

  #clientReceives(flying: Flying | undefined): void {
    this.#sendToServer(Packet.Ack);
    if (flying?.packet === Packet.Ping) this.#sendToServer(Packet.Pong);
    else if (this.#setting.writes?.acknowledged === true) this.#sendToServer(Packet.ApplicationAck);
  }

  #peerWrites(): void {
    this.#nextPeerWriteUs += this.#setting.writes?.everyUs ?? Infinity;
    // Who is silent says nothing new; it does not save it up.
    if (this.#trouble.holdsOwn !== true) this.#sendToServer(Packet.PeerMessage);
  }

  #sendToServer(packet: PacketCode): void {
    const trouble = this.#trouble;
    if (trouble.losesToServer === true) this.#stuck ||= packet === Packet.Ack;
    else if (isHeld(packet, trouble)) keepOne(this.#held, packet);
    else this.#toServer.push({ packet, dueUs: this.nowUs + this.#setting.wayUs });
  }

  /** All that was held back leaves now. A server that slept finds its due timers before it reads. */
  #recover(): void {
    const { holdsTimers } = this.#trouble;
    this.#trouble = {};
    this.#troubleEndsUs = Infinity;
    if (holdsTimers === true) {
      this.#reaper.advance(this.nowUs);
      this.#carryOut();
    }
    for (const packet of this.#unread.splice(0)) if (this.fate === 'open') this.#read(packet);
    for (const packet of this.#held.splice(0)) this.#sendToServer(packet);
  }
}

/** One of a kind stands for all of them: they come at one instant. */
function keepOne(kept: PacketCode[], packet: PacketCode): void {
  if (!kept.includes(packet)) kept.push(packet);
}

function lifeBits(packet: PacketCode): number {
  switch (packet) {
    case Packet.Pong:
      return LifeBit.AnyByte | LifeBit.Pong;
    case Packet.ApplicationAck:
      return LifeBit.AnyByte | LifeBit.Message | LifeBit.ApplicationAck;
    default:
      return LifeBit.AnyByte | LifeBit.Message;
  }
}

function isHeld(packet: PacketCode, trouble: Trouble): boolean {
  switch (packet) {
    case Packet.Pong:
      return trouble.holdsPongs === true;
    case Packet.Ack:
      return trouble.holdsAcks === true;
    default:
      return trouble.holdsOwn === true;
  }
}
