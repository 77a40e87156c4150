/** A silence begins in a healthy state: what had left before it arrives, what had not is held up or lost. */
import { Operation } from '../reaper/program.ts';
import { sendsPings } from './acting.ts';
import { ANSWERS_UNDER_WAY } from './cell.ts';
import { ANSWERS_SHIFT, SLICES, type HeldBack } from './held-back.ts';
import type { PeerKernel } from './peer-kernel.ts';
import { Field, Hushed, PeerFlight, Phase, Still, type State } from './state.ts';
import { NOW } from '../zone.ts';

export class Beginning {
  readonly #held: HeldBack;
  readonly #peer: PeerKernel;
  /** See {@link fullAfterUs}. */
  readonly #fullUs: number | null;
  readonly #leastUs: number;

  /** @param leastUs the silence lasts so long at least */
  constructor(held: HeldBack, peer: PeerKernel, fullUs: number | null, leastUs: number) {
    this.#leastUs = leastUs;
    this.#held = held;
    this.#peer = peer;
    this.#fullUs = fullUs;
  }

  /** The silence begins now, in a healthy state. */
  begin(state: State): State[] {
    const { vars } = this.#held.cell;
    const { cut, server, throttledUs } = this.#held.quiet;
    const { zone } = state;
    zone.set(vars.fault, NOW, 0, 0);
    if (!this.#loadHasBegun(state)) return [];
    state.arm(vars.over, NOW, this.#leastUs, Infinity);
    this.#held.put(state, Field.Struck, 1);
    this.#held.put(state, Hushed.Phase, Phase.Lasts);
    if (server !== 'runs') this.#held.put(state, Field.Still, Still.Stands);
    if (throttledUs > 0) zone.set(vars.throttle, NOW, throttledUs, throttledUs);
    this.#held.bytesFollow(state, this.#held.setting.toServerUs);
    if (this.#fullUs !== null) zone.set(vars.blocked, NOW, this.#fullUs, Infinity);
    let states = [state];
    this.#held.setting.beats.forEach((_, index) => {
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
    const { vars } = this.#held.cell;
    const { writes, beats } = this.#held.setting;
    if (writes !== null && !zone.limit(vars.load, vars.fault, writes.everyUs)) return false;
    return beats.every(({ everyUs }, index) => zone.limit(vars.beats + index, vars.fault, everyUs));
  }

  /** What had left when the silence began, and what had not; of what leaves at that very instant either may be true. */
  #leftOrNot(
    state: State,
    v: number,
    toServerUs = this.#held.setting.toServerUs,
  ): { left: State | null; not: State | null } {
    const { vars } = this.#held.cell;
    const not = state.copy();
    const isLeft = state.zone.limit(v, vars.fault, toServerUs);
    const isNot = not.zone.limit(vars.fault, v, -toServerUs);
    return { left: isLeft ? state : null, not: isNot ? not : null };
  }

  #beatAtBeginning(state: State, index: number): State[] {
    const v = this.#held.cell.vars.beats + index;
    const held = this.#held.heldOf(index);
    if (!state.zone.has(v) || held === 'passes') return [state];
    const { left, not } = this.#leftOrNot(state, v);
    const stops = held === 'stopped';
    const states: State[] = [];
    if (left !== null) {
      this.#held.put(
        left,
        Hushed.LeftBeats,
        this.#held.field(left, Hushed.LeftBeats) | (1 << index),
      );
      if (stops) this.#held.put(left, Hushed.Stopped + index, SLICES);
      states.push(left);
    }
    if (not === null) return states;
    if (!stops) return [...states, not];
    const { everyUs } = this.#held.beat(index);
    const { toServerUs } = this.#held.setting;
    const { fault } = this.#held.cell.vars;
    for (let slice = 1; slice <= SLICES; slice += 1) {
      const one = not.copy();
      const { from, to } = this.#held.sliceUs(slice, everyUs);
      if (!one.zone.limit(fault, v, -toServerUs - from)) continue;
      if (!one.zone.limit(v, fault, toServerUs + to)) continue;
      one.zone.drop(v);
      this.#held.put(one, Hushed.Stopped + index, slice);
      states.push(one);
    }
    return states;
  }

  #answerAtBeginning(state: State, slot: number): State[] {
    const v = this.#held.cell.vars.pongs + slot;
    if (!state.zone.has(v) || this.#held.answerHeld(state, slot) === 'passes') return [state];
    const { left, not } = this.#leftOrNot(state, v);
    const states: State[] = [];
    if (left !== null) states.push(this.#hasLeft(left, slot));
    if (not !== null && this.#held.setting.behind !== null) {
      states.push(...this.#askedBehind(not, v, slot));
    } else if (not !== null) {
      // The question arrives at a host that sleeps.
      if (this.#held.quiet.sleeps) {
        this.#held.owe(not, this.#held.takeAnswer(not, slot).owed);
        not.zone.drop(v);
        this.#held.put(not, Hushed.Received, -1);
      }
      states.push(not);
    }
    return states;
  }

  /** The question may not have left, behind a send path that is full: then it is lost with what stands there. */
  #askedBehind(state: State, v: number, slot: number): State[] {
    const { fault } = this.#held.cell.vars;
    const { cut, sleeps } = this.#held.quiet;
    if (!cut) return [state];
    const waits = state.copy();
    const states: State[] = [];
    // What is on its way to a host that sleeps is lost as well.
    if (!sleeps && state.zone.limit(v, fault, this.#held.setting.rttUs)) states.push(state);
    this.#held.owe(waits, this.#held.takeAnswer(waits, slot).owed);
    const mayWait = sleeps || waits.zone.limit(fault, v, -this.#held.setting.rttUs);
    waits.zone.drop(v);
    return mayWait ? [...states, waits] : states;
  }

  /** The library answers no more: of the answers under way some had left. */
  answersStop(state: State): State[] {
    const { vars } = this.#held.cell;
    const { toServerUs } = this.#held.setting;
    let states = [state];
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      const v = vars.pongs + slot;
      if (!state.zone.has(v) || this.#held.answerHeld(state, slot) === 'passes') continue;
      states = states.flatMap((one) => {
        const not = one.copy();
        const both: State[] = [];
        if (one.zone.limit(v, NOW, toServerUs)) both.push(this.#hasLeft(one, slot));
        if (not.zone.limit(NOW, v, -toServerUs)) both.push(not);
        return both;
      });
    }
    return states;
  }

  #hasLeft(state: State, slot: number): State {
    const bit = 1 << (ANSWERS_SHIFT + slot);
    this.#held.put(state, Hushed.LeftBeats, this.#held.field(state, Hushed.LeftBeats) | bit);
    return state;
  }

  /** The answer to a keepalive probe. */
  #probeAtBeginning(state: State): State[] {
    const v = this.#held.cell.vars.probeAnswer;
    if (!state.zone.has(v)) return [state];
    const { left, not } = this.#leftOrNot(state, v, this.#held.setting.ackToServerUs);
    not?.zone.drop(v);
    return [left, not].filter((one) => one !== null);
  }

  /** What the peer had sent may not be acknowledged: its timer runs already when more is lost. */
  #peerAtBeginning(state: State): State[] {
    const { toServerUs, rttUs, through } = this.#held.setting;
    const left = this.#leftSources(state);
    // What has not come to the server may have been acknowledged on the way.
    const acknowledged = left.length > 0 && through !== null ? [state.copy()] : [];
    if (this.#held.quiet.sleeps) {
      if (left.length > 0) this.#held.put(state, Hushed.PeerFlight, PeerFlight.Received);
      return [...acknowledged, state];
    }
    const states: State[] = acknowledged;
    const { delayUs } = this.#peer;
    if (left.length === 0) states.push(state);
    if (left.length === 0 && delayUs > 0 && this.#peerSends()) {
      const since = { lo: -rttUs - delayUs, hi: 0 };
      for (const unacknowledged of this.#hasJustSent(state, rttUs + delayUs)) {
        this.#peer.begin(unacknowledged, NOW, since, PeerFlight.Received);
        states.push(unacknowledged);
      }
    }
    const [only] = left;
    if (only === undefined) return states;
    const alone = left.length === 1 && delayUs === 0;
    const since = alone
      ? { lo: -toServerUs, hi: -toServerUs }
      : { lo: -toServerUs - (delayUs > 0 ? rttUs + delayUs : 0), hi: 0 };
    this.#peer.begin(state, alone ? only : NOW, since, PeerFlight.Received);
    return [...states, state];
  }

  /** Something of the peer has arrived within so long; behind a full send path, where the peer only beats, one of its heartbeats. */
  #hasJustSent(state: State, withinUs: number): State[] {
    const { beats, behind, parts } = this.#held.setting;
    if (behind === null || parts.some(({ region }) => sendsPings(region))) return [state.copy()];
    return beats.flatMap(({ everyUs }, index) => {
      const one = state.copy();
      const v = this.#held.cell.vars.beats + index;
      return !one.zone.has(v) || one.zone.limit(NOW, v, withinUs - everyUs) ? [one] : [];
    });
  }

  #leftSources(state: State): number[] {
    const { vars } = this.#held.cell;
    const left = this.#held.field(state, Hushed.LeftBeats);
    const sources: number[] = [];
    this.#held.setting.beats.forEach((_, index) => {
      if ((left & (1 << index)) !== 0) sources.push(vars.beats + index);
    });
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      if ((left & (1 << (ANSWERS_SHIFT + slot))) !== 0) sources.push(vars.pongs + slot);
    }
    return sources;
  }

  #peerSends(): boolean {
    const { beats, parts, answersMessages, writes } = this.#held.setting;
    const pings = parts.some(({ region }) => region.program.codes.includes(Operation.Ping));
    return beats.length > 0 || pings || (answersMessages && writes !== null);
  }

  /** What the server has in flight. */
  #unacknowledged(state: State): State[] {
    const { vars } = this.#held.cell;
    const { behind, toServerUs } = this.#held.setting;
    if (behind !== null) {
      // The last acknowledgement has come, or left before the silence.
      state.zone.set(vars.oldest, NOW, -behind.unacknowledgedUs, toServerUs);
      return this.#held.product.flights(state, vars.oldest);
    }
    const lostAlready = this.#held.field(state, Hushed.Received) === -1;
    this.#held.put(state, Hushed.Received, 0);
    if (!state.zone.has(vars.ack)) return [state];
    const { ackRttUs, ackToServerUs, ackDelayUs } = this.#held.setting;
    const { left, not } = this.#leftOrNot(state, vars.ack, ackToServerUs);
    const states: State[] = [];
    if (left !== null && !lostAlready) states.push(left);
    if (not === null) return states;
    not.zone.drop(vars.ack);
    // Each segment is acknowledged within so long.
    if (!not.zone.limit(NOW, vars.oldest, ackRttUs + ackDelayUs)) return states;
    if (this.#held.field(not, Field.Several) === 1) {
      not.zone.set(vars.oldest, NOW, -not.zone.most(NOW, vars.oldest), 0);
    }
    this.#held.put(not, Hushed.Received, this.#held.quiet.sleeps ? 0 : 1);
    for (const flight of this.#held.product.flights(not, vars.oldest)) {
      if (flight.zone.limit(NOW, vars.write, 0)) states.push(flight);
    }
    return states;
  }
}
