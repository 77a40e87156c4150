/**
 * A living peer falls silent, and what comes of it when the silence is over: what was held back is sent, what was lost comes again with
 * TCP's next retransmission, and what stood behind it follows.
 *
 * The instant at which the silence ends is a clock like any other, so one exploration speaks of silences of every length. What arrives is looked at when
 * it would have arrived: whether it was sent before, in or after the silence is then known.
 */
import { INITIAL_CWND, MSS } from '../linux/constants.ts';
import { LifeBit } from '../reaper/types.ts';
import { Operation } from '../reaper/program.ts';
import type { Scenario } from '../scenario/types.ts';
import { fillTimesUs } from './buffers.ts';
import { ANSWERS_UNDER_WAY, type Cell, type Hush } from './cell.ts';
import { heardOfWrites } from './heard.ts';
import { NotModelled } from './not-modelled.ts';
import { PeerKernel } from './peer-kernel.ts';
import type { Product } from './product.ts';
import type { Beat, Setting } from './setting.ts';
import type { Held, Quiet, Source } from './silence.ts';
import {
  Field,
  Flight,
  Hushed,
  Owed,
  PeerFlight,
  Phase,
  Stage,
  Still,
  type State,
} from './state.ts';
import { NOW } from './zone.ts';

/** What a state ends with that is followed no further. */
export const NOT_FOLLOWED = 'not followed: ';

/** A send path that nobody reads from holds so many segments at most. */
const MOST_SEGMENTS = 4_096;

/** A stopped clock is so exactly known, as a share of its rhythm. */
const SLICES = 64;

/** A buffer's head is memory too: a small message takes as much room, bytes. */
const LEAST_ROOM_OF_A_MESSAGE = 700;

/** Bits of LeftBeats that are of answers, not of heartbeats. */
const ANSWERS_SHIFT = 8;

export class SilentPeer implements Hush {
  readonly loadRunsOn: boolean;
  readonly #product: Product;
  readonly #cell: Cell;
  readonly #setting: Setting;
  readonly #quiet: Quiet;
  readonly #peer: PeerKernel;
  /** From the beginning on, until the send path or the peer's buffers may be full and somebody cares, µs; null = never. */
  readonly #fullUs: number | null;

  /** @throws NotModelled with the reason */
  constructor(product: Product, scenario: Scenario, quiet: Quiet) {
    this.#product = product;
    this.#cell = product.cell;
    this.#setting = product.cell.setting;
    this.#quiet = quiet;
    this.loadRunsOn = quiet.server === 'starved';
    this.#peer = new PeerKernel(product.cell, scenario);
    this.#fullUs = fullAfterUs(this.#setting, scenario, quiet);
    this.#refuse();
  }

  #refuse(): void {
    const { policy, beats, toServerUs } = this.#setting;
    const { cut, server } = this.#quiet;
    const bunches = cut || server !== 'runs';
    const counts = policy.mechanisms.some(({ kind }) => kind === 'ping-strikes');
    if (bunches && counts && beats.some(({ bits }) => (bits & LifeBit.Ping) !== 0)) {
      throw new NotModelled('pings of the peer that a silence bunches');
    }
    if (beats.some(({ everyUs }) => everyUs <= toServerUs)) {
      throw new NotModelled('a peer that speaks more often than a packet takes');
    }
  }

  /** The silence begins now, in a healthy state. */
  begin(state: State): State[] {
    const { vars } = this.#cell;
    const { cut, server, throttledUs } = this.#quiet;
    const { zone } = state;
    zone.set(vars.fault, NOW, 0, 0);
    if (!this.#loadHasBegun(state)) return [];
    state.arm(vars.over, NOW, 0, Infinity);
    this.#put(state, Field.Struck, 1);
    this.#put(state, Hushed.Phase, Phase.Lasts);
    if (server !== 'runs') this.#put(state, Field.Still, Still.Stands);
    if (throttledUs > 0) zone.set(vars.throttle, NOW, throttledUs, throttledUs);
    if (this.#fullUs !== null) zone.set(vars.blocked, NOW, this.#fullUs, Infinity);
    let states = [state];
    this.#setting.beats.forEach((_, index) => {
      states = states.flatMap((one) => this.#beatAtBeginning(one, index));
    });
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      states = states.flatMap((one) => this.#answerAtBeginning(one, slot));
    }
    if (!cut) return states;
    return states
      .flatMap((one) => this.#probeAtBeginning(one))
      .flatMap((one) => this.#peerAtBeginning(one))
      .flatMap((one) => this.#unacknowledged(one));
  }

  #loadHasBegun({ zone }: State): boolean {
    const { vars } = this.#cell;
    const { writes, beats } = this.#setting;
    if (writes !== null && !zone.limit(vars.load, vars.fault, writes.everyUs)) return false;
    return beats.every(({ everyUs }, index) => zone.limit(vars.beats + index, vars.fault, everyUs));
  }

  /** What had left when the silence began, and what had not. */
  #leftOrNot(state: State, v: number): { left: State | null; not: State | null } {
    const { vars } = this.#cell;
    const { toServerUs } = this.#setting;
    const not = state.copy();
    const isLeft = state.zone.limit(v, vars.fault, toServerUs);
    const isNot = not.zone.limit(vars.fault, v, -toServerUs - 1);
    return { left: isLeft ? state : null, not: isNot ? not : null };
  }

  #beatAtBeginning(state: State, index: number): State[] {
    const v = this.#cell.vars.beats + index;
    const held = this.#heldOf(index);
    if (!state.zone.has(v) || held === 'passes') return [state];
    const { left, not } = this.#leftOrNot(state, v);
    const stops = held === 'stopped';
    const states: State[] = [];
    if (left !== null) {
      this.#put(left, Hushed.LeftBeats, this.#field(left, Hushed.LeftBeats) | (1 << index));
      if (stops) this.#put(left, Hushed.Stopped + index, SLICES);
      states.push(left);
    }
    if (not === null) return states;
    if (!stops) return [...states, not];
    const { everyUs } = this.#beat(index);
    const { toServerUs } = this.#setting;
    const { fault } = this.#cell.vars;
    for (let slice = 1; slice <= SLICES; slice += 1) {
      const one = not.copy();
      const from = Math.floor(((slice - 1) * everyUs) / SLICES);
      const to = Math.ceil((slice * everyUs) / SLICES);
      if (!one.zone.limit(fault, v, -toServerUs - from)) continue;
      if (!one.zone.limit(v, fault, toServerUs + to)) continue;
      one.zone.drop(v);
      this.#put(one, Hushed.Stopped + index, slice);
      states.push(one);
    }
    return states;
  }

  #answerAtBeginning(state: State, slot: number): State[] {
    const v = this.#cell.vars.pongs + slot;
    if (!state.zone.has(v) || this.#answerHeld(state, slot) === 'passes') return [state];
    const { left, not } = this.#leftOrNot(state, v);
    const states: State[] = [];
    if (left !== null) {
      const bit = 1 << (ANSWERS_SHIFT + slot);
      this.#put(left, Hushed.LeftBeats, this.#field(left, Hushed.LeftBeats) | bit);
      states.push(left);
    }
    if (not !== null) {
      // The question arrives at a host that sleeps.
      if (this.#quiet.sleeps) {
        this.#owe(not, this.#takeAnswer(not, slot).owed);
        not.zone.drop(v);
        this.#put(not, Hushed.Received, -1);
      }
      states.push(not);
    }
    return states;
  }

  /** The answer to a keepalive probe. */
  #probeAtBeginning(state: State): State[] {
    const v = this.#cell.vars.probeAnswer;
    if (!state.zone.has(v)) return [state];
    const { left, not } = this.#leftOrNot(state, v);
    not?.zone.drop(v);
    return [left, not].filter((one) => one !== null);
  }

  /** What the peer had sent may not be acknowledged: its timer runs already when more is lost. */
  #peerAtBeginning(state: State): State[] {
    const { toServerUs, rttUs } = this.#setting;
    const left = this.#leftSources(state);
    if (this.#quiet.sleeps) {
      if (left.length > 0) this.#put(state, Hushed.PeerFlight, PeerFlight.Received);
      return [state];
    }
    const states: State[] = [];
    const { delayUs } = this.#peer;
    if (left.length === 0) states.push(state);
    if (left.length === 0 && delayUs > 0 && this.#peerSends()) {
      const since = { lo: -rttUs - delayUs, hi: 0 };
      states.push(...this.#peer.begin(state, NOW, since, PeerFlight.Received));
    }
    const [only] = left;
    if (only === undefined) return states;
    const alone = left.length === 1 && delayUs === 0;
    const since = alone
      ? { lo: -toServerUs, hi: -toServerUs }
      : { lo: -toServerUs - (delayUs > 0 ? rttUs + delayUs : 0), hi: 0 };
    states.push(...this.#peer.begin(state, alone ? only : NOW, since, PeerFlight.Received));
    return states;
  }

  #leftSources(state: State): number[] {
    const { vars } = this.#cell;
    const left = this.#field(state, Hushed.LeftBeats);
    const sources: number[] = [];
    this.#setting.beats.forEach((_, index) => {
      if ((left & (1 << index)) !== 0) sources.push(vars.beats + index);
    });
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      if ((left & (1 << (ANSWERS_SHIFT + slot))) !== 0) sources.push(vars.pongs + slot);
    }
    return sources;
  }

  #peerSends(): boolean {
    const { beats, parts, answersMessages, writes } = this.#setting;
    const pings = parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
    return beats.length > 0 || pings || (answersMessages && writes !== null);
  }

  /** What the server has in flight. */
  #unacknowledged(state: State): State[] {
    const { vars } = this.#cell;
    const lostAlready = this.#field(state, Hushed.Received) === -1;
    this.#put(state, Hushed.Received, 0);
    if (!state.zone.has(vars.ack)) return [state];
    const { left, not } = this.#leftOrNot(state, vars.ack);
    const states: State[] = [];
    if (left !== null && !lostAlready) states.push(left);
    if (not === null) return states;
    not.zone.drop(vars.ack);
    if (this.#field(not, Field.Several) === 1) {
      not.zone.set(vars.oldest, NOW, -not.zone.most(NOW, vars.oldest), 0);
    }
    this.#put(not, Hushed.Received, this.#quiet.sleeps ? 0 : 1);
    for (const flight of this.#product.flights(not, vars.oldest)) {
      if (flight.zone.limit(NOW, vars.write, 0)) states.push(flight);
    }
    return states;
  }

  // What the server sends.

  pings(state: State, forApplication: boolean): boolean {
    const phase = this.#field(state, Hushed.Phase);
    if (phase === Phase.Before) return false;
    if (phase === Phase.Lasts) {
      if (this.#quiet.cut) {
        this.#owe(state, forApplication ? Owed.ApplicationPong : Owed.Pong);
        this.#product.traffic.transmit(state, 0);
      } else {
        this.#answerLater(state, forApplication, false);
        this.#product.traffic.transmit(state, this.#setting.ackDelayUs);
      }
      return true;
    }
    if (this.#field(state, Field.Flight) === Flight.Quiet) return false;
    this.#owe(state, forApplication ? Owed.ApplicationPong : Owed.Pong);
    this.#sendsBehind(state);
    return true;
  }

  writes(state: State): boolean {
    const phase = this.#field(state, Hushed.Phase);
    const { answersMessages, ackDelayUs } = this.#setting;
    if (phase === Phase.Before) return false;
    if (phase === Phase.Lasts) {
      if (answersMessages && this.#quiet.cut) this.#owe(state, Owed.Acknowledgement);
      else if (answersMessages) this.#answerLater(state, true, true);
      this.#product.traffic.transmit(state, ackDelayUs);
      return true;
    }
    if (this.#field(state, Field.Flight) === Flight.Quiet) return false;
    if (answersMessages) this.#owe(state, Owed.Acknowledgement);
    this.#sendsBehind(state);
    return true;
  }

  transmits(state: State): boolean {
    const phase = this.#field(state, Hushed.Phase);
    if (phase === Phase.Lasts && this.#quiet.cut) this.#put(state, Hushed.Received, 0);
    if (phase !== Phase.Over || this.#field(state, Field.Flight) === Flight.Quiet) return false;
    this.#sendsBehind(state);
    return true;
  }

  #answerLater(state: State, byApplication: boolean, acknowledges: boolean): void {
    const { rttUs } = this.#setting;
    const within = { lo: rttUs, hi: rttUs + this.#quiet.readsWithinUs };
    this.#product.traffic.answerIn(state, byApplication, acknowledges, within);
  }

  /** More is sent while something lost stands before it. Before the first timeout it leaves, and tells the peer's kernel what is missing. */
  #sendsBehind(state: State): void {
    const { vars } = this.#cell;
    this.#put(state, Field.Written, this.#cell.lookers());
    if (this.#field(state, Field.Flight) === Flight.Retransmitting) return;
    const mostUs = Math.max(0, state.zone.most(vars.write, NOW)) + this.#rtoUs(state);
    this.#delivered(state, mostUs);
  }

  #rtoUs(state: State): number {
    return this.#product.kernel.rtoHi(state) * this.#setting.kernel.tickUs;
  }

  // What comes due.

  fires(batch: State[], state: State, v: number): boolean {
    const { vars } = this.#cell;
    const phase = this.#field(state, Hushed.Phase);
    if (phase === Phase.Before) return false;
    if (v >= vars.beats && v < vars.pongs) {
      this.#beatDue(batch, state, v - vars.beats);
      return true;
    }
    if (v >= vars.pongs && v < vars.pongs + ANSWERS_UNDER_WAY) {
      return this.#answerDue(batch, state, v - vars.pongs);
    }
    switch (v) {
      case vars.over:
        batch.splice(0, batch.length, ...this.#ends(state));
        return true;
      case vars.blocked:
        state.end = `${NOT_FOLLOWED}buffers that fill`;
        return true;
      case vars.throttle:
        batch.splice(0, batch.length, ...this.#timersRun(state));
        return true;
      case vars.peerWrite: {
        const whole = phase === Phase.Over;
        batch.splice(0, batch.length, ...this.#peer.timer(state, whole));
        return true;
      }
      case vars.again:
        this.#comesAgain(batch, state);
        return true;
      case vars.write:
        return this.#writeTimer(batch, state, phase);
      default:
        return false;
    }
  }

  #beatDue(batch: State[], state: State, index: number): void {
    const { bits, everyUs } = this.#beat(index);
    const { vars } = this.#cell;
    const v = vars.beats + index;
    const bit = 1 << index;
    const left = this.#field(state, Hushed.LeftBeats);
    const held = this.#heldOf(index);
    if ((left & bit) !== 0) {
      this.#put(state, Hushed.LeftBeats, left & ~bit);
      const stops = held === 'stopped' && this.#field(state, Hushed.Stopped + index) !== 0;
      if (!stops) state.armFromNow(v, everyUs, everyUs);
      this.#product.hear(batch, state, bits);
      return;
    }
    if (this.#field(state, Hushed.Phase) === Phase.Over) {
      state.armFromNow(v, everyUs, everyUs);
      this.#arrives(batch, state, bits);
      return;
    }
    switch (held) {
      case 'passes':
        state.armFromNow(v, everyUs, everyUs);
        this.#product.hear(batch, state, bits);
        return;
      case 'skipped':
        state.armFromNow(v, everyUs, everyUs);
        return;
      case 'lost':
        state.armFromNow(v, everyUs, everyUs);
        batch.splice(
          0,
          batch.length,
          ...this.#peer.loses(state, NOW, -this.#setting.toServerUs, bits),
        );
        return;
      default:
        this.#put(state, Hushed.HeldBeats, this.#field(state, Hushed.HeldBeats) | bit);
    }
  }

  #answerDue(batch: State[], state: State, slot: number): boolean {
    const bit = 1 << (ANSWERS_SHIFT + slot);
    const left = this.#field(state, Hushed.LeftBeats);
    if ((left & bit) !== 0) {
      this.#put(state, Hushed.LeftBeats, left & ~bit);
      return false;
    }
    if (this.#field(state, Hushed.Phase) === Phase.Over) {
      if (this.#field(state, Hushed.PeerFlight) === PeerFlight.None) return false;
      this.#arrives(batch, state, this.#takeAnswer(state, slot).bits);
      return true;
    }
    switch (this.#answerHeld(state, slot)) {
      case 'passes':
        return false;
      case 'lost': {
        const { bits } = this.#takeAnswer(state, slot);
        batch.splice(
          0,
          batch.length,
          ...this.#peer.loses(state, NOW, -this.#setting.toServerUs, bits),
        );
        return true;
      }
      default:
        this.#owe(state, this.#takeAnswer(state, slot).owed);
        return true;
    }
  }

  /** Something that the peer sends after the silence arrives, if nothing lost stands before it. */
  #arrives(batch: State[], state: State, bits: number): void {
    const { vars } = this.#cell;
    const { rttUs, toServerUs } = this.#setting;
    const { zone } = state;
    const flight = this.#field(state, Hushed.PeerFlight);
    const stage = this.#field(state, Hushed.Stage);
    const early = stage === Stage.Probe || stage === Stage.Timeout;
    if (flight === PeerFlight.None || (flight === PeerFlight.Received && early)) {
      if (flight !== PeerFlight.None) this.#peer.settled(state);
      this.#product.hear(batch, state, bits);
      return;
    }
    this.#put(state, Hushed.Content, this.#field(state, Hushed.Content) | bits);
    const extraUs = this.#peer.extraUs(state);
    if (stage === Stage.Recovering) {
      const before = zone.has(vars.again) ? zone.most(vars.again, NOW) : 0;
      state.armFromNow(vars.again, 0, Math.max(before, rttUs + toServerUs));
    } else if (early) {
      // What is missing is told, and sent again, at its timer at the latest.
      const mostUs = Math.max(0, zone.most(vars.peerWrite, NOW)) + this.#peer.rtoUs;
      state.armFromNow(vars.again, 0, mostUs + toServerUs + extraUs);
      this.#peer.recovers(state, mostUs + rttUs + extraUs);
    }
  }

  #comesAgain(batch: State[], state: State): void {
    const bits = this.#field(state, Hushed.Content);
    this.#put(state, Hushed.Content, 0);
    if (bits === 0) this.#acknowledgedByPeer(state);
    else this.#product.hear(batch, state, bits);
  }

  /** The server's own timer: what it sends again arrives, unless the kernel gives up. */
  #writeTimer(batch: State[], state: State, phase: number): boolean {
    const flight = this.#field(state, Field.Flight);
    if (phase !== Phase.Over || flight === Flight.Quiet) return false;
    this.#product.kernel.writeTimer(batch, state);
    // A probe that is awaited anew sends nothing.
    if (flight === Flight.ProbeAgain) return true;
    for (const one of batch.slice()) {
      if (one.end !== null) continue;
      one.armed.length = 0;
      this.#delivered(one, 0);
    }
    return true;
  }

  heard(state: State): void {
    this.#acknowledgedByPeer(state);
  }

  /** Each packet of the peer says what it has received. */
  #acknowledgedByPeer(state: State): void {
    const { vars } = this.#cell;
    const { rttUs, ackDelayUs } = this.#setting;
    if (this.#field(state, Hushed.Phase) !== Phase.Over) return;
    if (this.#field(state, Hushed.Received) !== 1) return;
    if (this.#field(state, Field.Flight) === Flight.Quiet) return;
    const owes = this.#field(state, Hushed.Owed) !== 0;
    this.#flightOver(state);
    this.#put(state, Field.Acked, this.#cell.lookers());
    if (!owes && this.#setting.writes === null) {
      state.zone.drop(vars.oldest);
      return;
    }
    state.zone.set(vars.oldest, NOW, 0, 0);
    state.armFromNow(vars.ack, rttUs, rttUs + ackDelayUs + this.#extraUs(state));
    this.#answerOwed(state, rttUs, rttUs + this.#extraUs(state));
  }

  /** What the server has in flight gets through, from now on and so much later at most. */
  #delivered(state: State, laterUs: number): void {
    const { vars } = this.#cell;
    const { rttUs, toClientUs } = this.#setting;
    const extraUs = this.#extraUs(state);
    const received = this.#field(state, Hushed.Received) === 1;
    this.#flightOver(state);
    state.zone.set(vars.oldest, NOW, 0, 0);
    state.armFromNow(vars.ack, rttUs, rttUs + laterUs + extraUs);
    this.#answerOwed(
      state,
      received ? 2 * rttUs : rttUs,
      rttUs + laterUs + (received ? Math.max(rttUs, extraUs) : extraUs),
    );
    if (this.#field(state, Hushed.PeerFlight) === PeerFlight.Received) {
      this.#peer.recovers(state, toClientUs + laterUs);
    }
  }

  #flightOver(state: State): void {
    const { vars } = this.#cell;
    const { kernel } = this.#setting;
    this.#put(state, Field.Flight, Flight.Quiet);
    this.#put(state, Field.RtoLo, kernel.rto.lo);
    this.#put(state, Field.RtoHi, kernel.rto.hi);
    this.#put(state, Field.WriteWidth, 0);
    this.#put(state, Field.Several, 0);
    this.#put(state, Hushed.Received, 0);
    state.zone.drop(vars.write);
    state.zone.drop(vars.stamp);
  }

  /** What the last of it waits beyond the first, as round trips: slow start doubles from one segment. */
  #extraUs(state: State): number {
    const { writes, rttUs, beats } = this.#setting;
    const owed = this.#field(state, Hushed.Owed);
    if (writes === null) {
      // Small frames go together, all but the first; of one kind the first counts.
      const one =
        (owed & (owed - 1)) === 0 && beats.every(({ bits }) => (bits & LifeBit.Ping) === 0);
      return one ? 0 : rttUs;
    }
    const lastedUs = 4 * this.#rtoUs(state) + 1_000_000;
    const each = Math.ceil(writes.bytes / MSS);
    const segments = Math.min(MOST_SEGMENTS, (Math.ceil(lastedUs / writes.everyUs) + 2) * each);
    return rttUs * (1 + Math.ceil(Math.log2(segments + 1)));
  }

  // The end of the silence.

  #ends(state: State): State[] {
    const { vars } = this.#cell;
    const { server, cut, sleeps } = this.#quiet;
    const { writes, rttUs, toServerUs } = this.#setting;
    this.#put(state, Hushed.Phase, Phase.Over);
    this.#put(state, Field.Struck, 0);
    // The instant is remembered: how long the silence was is asked at the end.
    state.zone.set(vars.ended, NOW, 0, 0);
    state.zone.drop(vars.throttle);
    state.zone.drop(vars.blocked);
    if (server !== 'runs') {
      this.#put(state, Field.Still, Still.GoesOn);
      return [state];
    }
    if (writes !== null && !state.zone.has(vars.load)) {
      state.armFromNow(vars.load, 0, writes.everyUs);
    }
    if (sleeps && this.#field(state, Hushed.PeerFlight) !== PeerFlight.None) {
      this.#peer.recovers(state, this.#peer.rtoUs + rttUs);
    }
    let states = [state];
    this.#setting.beats.forEach((_, index) => {
      states = states.flatMap((one) => this.#beatAtEnd(one, index));
    });
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      states = states.flatMap((one) => this.#answerAtEnd(one, slot));
    }
    if (cut) return states;
    for (const one of states) {
      const roomUs = writes === null || this.#quiet.roomBytes === Infinity ? 0 : this.#extraUs(one);
      this.#answerOwed(one, toServerUs, toServerUs + roomUs);
    }
    return states;
  }

  #beatAtEnd(state: State, index: number): State[] {
    const { vars } = this.#cell;
    const { toServerUs } = this.#setting;
    const { bits, everyUs } = this.#beat(index);
    const v = vars.beats + index;
    const bit = 1 << index;
    const held = this.#heldOf(index);
    const overdue = this.#field(state, Hushed.HeldBeats);
    if ((overdue & bit) !== 0) {
      this.#put(state, Hushed.HeldBeats, overdue & ~bit);
      state.armFromNow(v, toServerUs, toServerUs);
      return [state];
    }
    const isLeft = (this.#field(state, Hushed.LeftBeats) & bit) !== 0;
    if (held === 'stopped') return this.#wakes(state, index);
    if (!state.zone.has(v) || isLeft || held === 'passes') return [state];
    // Whether it was to be sent before now.
    const later = state.copy();
    const isLater = later.zone.limit(NOW, v, -toServerUs);
    const states = isLater ? [later] : [];
    if (!state.zone.limit(v, NOW, toServerUs - 1)) return states;
    switch (held) {
      case 'skipped':
        state.zone.shift(v, everyUs);
        return [...states, state];
      case 'lost': {
        const lost = this.#peer.loses(state, v, -toServerUs, bits);
        for (const one of lost) one.zone.shift(v, everyUs);
        return [...states, ...lost];
      }
      default:
        state.armFromNow(v, toServerUs, toServerUs);
        return [...states, state];
    }
  }

  /** A clock that stood goes on. */
  #wakes(state: State, index: number): State[] {
    const { vars } = this.#cell;
    const { toServerUs } = this.#setting;
    const { everyUs } = this.#beat(index);
    const v = vars.beats + index;
    const slice = this.#field(state, Hushed.Stopped + index);
    this.#put(state, Hushed.Stopped + index, 0);
    if (slice === 0 || state.zone.has(v)) return [state];
    const from = Math.floor(((slice - 1) * everyUs) / SLICES);
    const to = Math.ceil((slice * everyUs) / SLICES);
    state.armFromNow(v, toServerUs + from, toServerUs + to);
    return [state];
  }

  #answerAtEnd(state: State, slot: number): State[] {
    const { vars } = this.#cell;
    const { toServerUs } = this.#setting;
    const v = vars.pongs + slot;
    if (!state.zone.has(v)) return [state];
    if ((this.#field(state, Hushed.LeftBeats) & (1 << (ANSWERS_SHIFT + slot))) !== 0)
      return [state];
    const held = this.#answerHeld(state, slot);
    const later = state.copy();
    const isLater = held === 'passes' || later.zone.limit(NOW, v, -toServerUs);
    const states = isLater ? [later] : [];
    if (held === 'passes' && this.#quiet.readsWithinUs > 0) {
      // Who reads again reads at once.
      later.armFromNow(v, 0, Math.max(0, Math.min(later.zone.most(v, NOW), this.#setting.rttUs)));
    }
    if (held === 'passes' || !state.zone.limit(v, NOW, toServerUs - 1)) return states;
    if (held === 'lost') {
      const { bits } = this.#takeAnswer(state, slot);
      const lost = this.#peer.loses(state, v, -toServerUs, bits);
      for (const one of lost) one.zone.drop(v);
      return [...states, ...lost];
    }
    state.armFromNow(v, toServerUs, toServerUs);
    return [...states, state];
  }

  /** A throttled peer's timers run: what is due is sent. */
  #timersRun(state: State): State[] {
    const { vars } = this.#cell;
    const { throttledUs } = this.#quiet;
    const { toServerUs } = this.#setting;
    state.armFromNow(vars.throttle, throttledUs, throttledUs);
    let states = [state];
    this.#setting.beats.forEach((_, index) => {
      if (this.#heldOf(index) !== 'throttled') return;
      const v = vars.beats + index;
      const bit = 1 << index;
      states = states.flatMap((one) => {
        const overdue = this.#field(one, Hushed.HeldBeats);
        if ((overdue & bit) !== 0) {
          this.#put(one, Hushed.HeldBeats, overdue & ~bit);
          return [this.#sentNow(one, index)];
        }
        if ((this.#field(one, Hushed.LeftBeats) & bit) !== 0 || !one.zone.has(v)) return [one];
        const later = one.copy();
        const both = later.zone.limit(NOW, v, -toServerUs - 1) ? [later] : [];
        return one.zone.limit(v, NOW, toServerUs) ? [...both, this.#sentNow(one, index)] : both;
      });
    });
    return states;
  }

  #sentNow(state: State, index: number): State {
    const { toServerUs } = this.#setting;
    this.#put(state, Hushed.LeftBeats, this.#field(state, Hushed.LeftBeats) | (1 << index));
    state.armFromNow(this.#cell.vars.beats + index, toServerUs, toServerUs);
    return state;
  }

  // What the peer owes.

  #owe(state: State, owed: number): void {
    this.#put(state, Hushed.Owed, this.#field(state, Hushed.Owed) | owed);
  }

  /** All that is owed is answered. */
  #answerOwed(state: State, leastUs: number, mostUs: number): void {
    const { traffic } = this.#product;
    const owed = this.#field(state, Hushed.Owed);
    this.#put(state, Hushed.Owed, 0);
    const within = { lo: leastUs, hi: Math.max(leastUs, mostUs) };
    if ((owed & Owed.Pong) !== 0) traffic.answerIn(state, false, false, within);
    if ((owed & Owed.ApplicationPong) !== 0) traffic.answerIn(state, true, false, within);
    if ((owed & Owed.Acknowledgement) !== 0) traffic.answerIn(state, true, true, within);
  }

  #answerHeld(state: State, slot: number): Held {
    const byApplication = (this.#cell.field(state, Field.ForApplication) & (1 << slot)) !== 0;
    return this.#quiet.answers[byApplication ? 'application' : 'library'];
  }

  /** Takes an answer out of its place. */
  #takeAnswer(state: State, slot: number): { readonly bits: number; readonly owed: number } {
    const bit = 1 << slot;
    const acknowledgements = this.#field(state, Field.Acknowledgements);
    const forApplication = this.#field(state, Field.ForApplication);
    this.#put(state, Field.Acknowledgements, acknowledgements & ~bit);
    this.#put(state, Field.ForApplication, forApplication & ~bit);
    if ((acknowledgements & bit) !== 0) {
      const bits = LifeBit.AnyByte | LifeBit.Message | LifeBit.ApplicationAck;
      return { bits, owed: Owed.Acknowledgement };
    }
    const owed = (forApplication & bit) !== 0 ? Owed.ApplicationPong : Owed.Pong;
    return { bits: LifeBit.AnyByte | LifeBit.Pong, owed };
  }

  #beat(index: number): Beat {
    const beat = this.#setting.beats[index];
    if (beat === undefined) throw new Error('a heartbeat of the peer');
    return beat;
  }

  #heldOf(index: number): Held {
    return this.#quiet.beats[sourceOf(this.#beat(index))];
  }

  #field(state: State, field: number): number {
    return this.#cell.field(state, field);
  }

  #put(state: State, field: number, value: number): void {
    this.#cell.put(state, field, value);
  }
}

function sourceOf({ byApplication, name }: Beat): Source {
  if (!byApplication) return 'library';
  return name === 'the client’s next message' ? 'load' : 'application';
}

/** When buffers may be full that somebody in the process, or the kernel's own end, cares about; null = nobody does. */
function fullAfterUs(setting: Setting, scenario: Scenario, quiet: Quiet): number | null {
  const { writes, policy, kernel } = setting;
  if (writes === null) return null;
  const { messages, accepted, blocked, queue, acknowledgements } = heardOfWrites(setting);
  const limits = policy.mechanisms.some(({ kind }) => kind === 'send-queue-limit');
  const cares = messages || accepted || blocked || queue || limits;
  if (quiet.cut) return cares ? fillTimesUs(setting, scenario, null).blocked.lo : null;
  if (quiet.roomBytes === Infinity) return null;
  const hangsOnRoom = quiet.answers.library === 'passes';
  if (!cares && !acknowledgements && kernel.userTimeoutMs === 0 && !hangsOnRoom) return null;
  const each = Math.max(writes.bytes, LEAST_ROOM_OF_A_MESSAGE);
  const room = Math.max(0, quiet.roomBytes - INITIAL_CWND * each);
  return Math.max(0, Math.floor(room / each) - 1) * writes.everyUs;
}
