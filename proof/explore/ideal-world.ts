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
import { compileReaper, ReaperEffect } from '../../model/reaper/index.ts';
import type { ReaperInstance, ReaperMemory, SocketSample } from '../../model/reaper/index.ts';
import { isHeld, keep, lifeBits, Packet } from './packets.ts';
import type { Flying, PacketCode, Trouble } from './packets.ts';
import type { Beat, Setting } from './setting.ts';

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
  readonly nextBeatUs: readonly number[];
  readonly bytesAcked: number;
}

/** Phases at which everything with a rhythm begins, in ticks after the connection opens. */
export interface Opening {
  readonly grid: number;
  readonly write: number;
  readonly beats: readonly number[];
}

const NO_TROUBLE: Trouble = {};

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
  /** Of each thing that the peer sends of its own, when its timer is due. */
  #nextBeatUs: number[] = [];
  #bytesAcked = 0;
  /** Something was lost for good: the queue never empties again. */
  #stuck = false;
  #trouble: Trouble = NO_TROUBLE;
  #troubleEndsUs = Infinity;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#reaper = compileReaper(setting.policy).instance();
    this.#scratch = this.#reaper.memory();
  }

  /** A connection opens at 0; the process's timers tick, and everybody writes and beats, so many ticks later. */
  open({ grid, write, beats }: Opening): void {
    const { tickUs, writes } = this.#setting;
    this.#forget();
    this.nowUs = 0;
    this.#toClient = [];
    this.#toServer = [];
    this.#bytesAcked = 0;
    const firstUs = writes === null ? Infinity : write * tickUs;
    this.#nextWriteUs = writes?.byServer === true ? firstUs : Infinity;
    this.#nextPeerWriteUs =
      writes?.byClient === true ? firstUs + (writes.byServer ? writes.everyUs / 2 : 0) : Infinity;
    this.#nextBeatUs = beats.map((phase) => phase * tickUs);
    this.#reaper.start(0, grid * tickUs);
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
      nextBeatUs: this.#nextBeatUs.slice(),
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
    this.#nextBeatUs = moment.nextBeatUs.slice();
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
    return this.#trouble === NO_TROUBLE;
  }

  /** When the next thing happens; Infinity = nothing ever does. */
  get nextUs(): number {
    return Math.min(
      this.#toClient[0]?.dueUs ?? Infinity,
      this.#toServer[0]?.dueUs ?? Infinity,
      this.#troubleEndsUs,
      this.#nextWriteUs,
      this.#nextPeerWriteUs,
      this.#dueBeatUs,
      this.#deadlineUs,
    );
  }

  /** When the peer next sends something of its own, as far as its timers run. */
  get #dueBeatUs(): number {
    let dueUs = Infinity;
    this.#setting.beats.forEach((beat, index) => {
      if (!this.#isStopped(beat)) dueUs = Math.min(dueUs, this.#nextBeatUs[index] ?? Infinity);
    });
    return dueUs;
  }

  #isStopped({ sentBy }: Beat): boolean {
    const { stopsBeatsOf } = this.#trouble;
    return stopsBeatsOf === 'all' || stopsBeatsOf === sentBy;
  }

  /**
   * Equal texts have equal futures: control states, and every time relative to now. The origin of a
   * rhythm is left out because its next tick is always armed, that of a coarser timer is not; bytes are left
   * out but for whether they moved since they were last looked at.
   */
  key(): string {
    const { state, dueUs, measured, originUs } = this.#reaper.memory(this.#scratch);
    const { nowUs } = this;
    let key = Number(this.#stuck) + state.join();
    for (const bytes of measured) key += bytes === this.#bytesAcked ? '=' : '≠';
    // A clock that wakes nobody may have run out long ago; one that is held up is looked at when it is not.
    const least = this.#trouble.holdsTimers === true ? -Infinity : -1;
    for (const atUs of dueUs) key += atUs === Infinity ? ',' : `,${Math.max(least, atUs - nowUs)}`;
    for (const { packet, dueUs: atUs } of this.#toClient) key += `>${packet}@${atUs - nowUs}`;
    for (const { packet, dueUs: atUs } of this.#toServer) key += `<${packet}@${atUs - nowUs}`;
    if (this.#held.length > 0) key += `h${this.#held.join('')}`;
    if (this.#unread.length > 0) key += `u${this.#unread.join('')}`;
    this.#setting.gridsUs.forEach((gridUs, region) => {
      if (gridUs > 0) key += `g${phaseOf(nowUs - (originUs[region] ?? 0), gridUs)}`;
    });
    // Held timers that are overdue go off at the end, however long they have been.
    for (const beatUs of this.#nextBeatUs) key += `b${Math.max(beatUs, nowUs - 1) - nowUs}`;
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
    else if (this.#dueBeatUs === atUs) this.#beat();
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
    this.#trouble = NO_TROUBLE;
    this.#troubleEndsUs = Infinity;
  }

  // The server.

  /** Carries effects out in order; a ping is taken by the send path at once. */
  #carryOut(): void {
    const reaper = this.#reaper;
    if (reaper.effectCount === 0) return;
    const effects = Array.from(reaper.effects.subarray(0, reaper.effectCount));
    const asked = Array.from(reaper.effectMechanism.subarray(0, reaper.effectCount));
    for (const [index, effect] of effects.entries()) {
      switch (effect) {
        case ReaperEffect.Ping:
          this.#sendToClient(this.#setting.pings[asked[index] ?? 0] ?? Packet.Ping);
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
    if (this.fate !== 'open') return;
    this.#reaper.sendAccepted(this.nowUs);
    this.#carryOut();
  }

  #serverReceives(flying: Flying | undefined): void {
    if (flying === undefined) return;
    const { packet } = flying;
    if (packet === Packet.Ack) this.#bytesAcked += 1;
    else if (this.#trouble.holdsReading === true)
      keep(this.#unread, packet, this.#setting.pingsThatCount);
    else this.#read(packet);
  }

  #read(packet: PacketCode): void {
    if (packet === Packet.PeerPing) this.#sendToClient(Packet.AnswerToPeer);
    this.#reaper.received(lifeBits(packet), this.nowUs);
    this.#carryOut();
  }

  // The client.

  #clientReceives(flying: Flying | undefined): void {
    this.#sendToServer(Packet.Ack);
    switch (flying?.packet) {
      case Packet.Ping:
        this.#sendToServer(Packet.Pong);
        break;
      case Packet.ApplicationPing:
        this.#sendToServer(Packet.ApplicationPong);
        break;
      case Packet.Message:
        if (this.#setting.writes?.acknowledged === true) this.#sendToServer(Packet.ApplicationAck);
        break;
      default:
    }
  }

  /** The timer of a heartbeat goes off; the next one is set from now. */
  #beat(): void {
    this.#setting.beats.forEach((beat, index) => {
      const dueUs = this.#nextBeatUs[index] ?? Infinity;
      if (dueUs > this.nowUs || this.#isStopped(beat)) return;
      this.#nextBeatUs[index] = this.nowUs + beat.everyUs;
      this.#sendToServer(beat.packet);
    });
  }

  #peerWrites(): void {
    this.#nextPeerWriteUs += this.#setting.writes?.everyUs ?? Infinity;
    // Who is silent says nothing new; it does not save it up.
    if (this.#trouble.holdsOwn !== true) this.#sendToServer(Packet.PeerMessage);
  }

  #sendToServer(packet: PacketCode): void {
    const trouble = this.#trouble;
    if (trouble.losesToServer === true) this.#stuck ||= packet === Packet.Ack;
    else if (isHeld(packet, trouble)) keep(this.#held, packet, this.#setting.pingsThatCount);
    else this.#toServer.push({ packet, dueUs: this.nowUs + this.#setting.wayUs });
  }

  /** All that was held back leaves now. A server that slept finds its due timers before it reads. */
  #recover(): void {
    const { holdsTimers } = this.#trouble;
    this.#trouble = NO_TROUBLE;
    this.#troubleEndsUs = Infinity;
    if (holdsTimers === true) {
      this.#reaper.advance(this.nowUs);
      this.#carryOut();
    }
    for (const packet of this.#unread.splice(0)) if (this.fate === 'open') this.#read(packet);
    for (const packet of this.#held.splice(0)) this.#sendToServer(packet);
    this.#beat();
  }
}

/** Where in a grid an instant lies. */
function phaseOf(us: number, gridUs: number): number {
  return ((us % gridUs) + gridUs) % gridUs;
}
