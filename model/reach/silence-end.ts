/** A silence is over: what was held back is sent, a clock that stood goes on, and what would have been sent before is told from what is not yet due. */
import { ANSWERS_UNDER_WAY } from './cell.ts';
import { ANSWERS_SHIFT, type HeldBack } from './held-back.ts';
import type { PeerKernel } from './peer-kernel.ts';
import type { ServerKernel } from './server-kernel.ts';
import { LifeBit } from '../reaper/types.ts';
import type { Upload } from './silence.ts';
import { Field, Hushed, PeerFlight, Phase, type State, Still } from './state.ts';
import { NOW } from '../zone.ts';

export class SilenceEnd {
  readonly #held: HeldBack;
  readonly #peer: PeerKernel;
  readonly #server: ServerKernel;
  readonly #extraUs: (state: State) => number;

  /** @param extraUs what the last of what stands behind a buffer waits beyond the first */
  constructor(
    held: HeldBack,
    peer: PeerKernel,
    server: ServerKernel,
    extraUs: (state: State) => number,
  ) {
    this.#held = held;
    this.#peer = peer;
    this.#server = server;
    this.#extraUs = extraUs;
  }

  /** At its instant. */
  ends(state: State): State[] {
    const { vars } = this.#held.cell;
    const { server, cut, sleeps } = this.#held.quiet;
    const { rttUs, toServerUs } = this.#held.setting;
    this.#held.put(state, Hushed.Phase, Phase.Over);
    this.#held.put(state, Field.Struck, 0);
    // What follows may hang on when it was over, and with that on how long it was.
    if (this.#held.remembersEnd) state.zone.set(vars.ended, NOW, 0, 0);
    state.zone.drop(vars.throttle);
    state.zone.drop(vars.blocked);
    this.#held.put(state, Hushed.Full, 0);
    if (server !== 'runs') {
      this.#held.setting.beats.forEach(({ everyUs }, index) => {
        const v = vars.beats + index;
        if (!state.zone.has(v)) state.armFromNow(v, 0, everyUs);
      });
      this.#held.put(state, Field.Still, Still.GoesOn);
      return [state];
    }
    if (sleeps && this.#held.field(state, Hushed.PeerFlight) !== PeerFlight.None) {
      this.#peer.recovers(state, NOW, this.#peer.rtoUs + rttUs);
    }
    let states = [state];
    this.#held.setting.beats.forEach((_, index) => {
      states = states.flatMap((one) => this.#beatAtEnd(one, index));
    });
    for (let slot = 0; slot < ANSWERS_UNDER_WAY; slot += 1) {
      states = states.flatMap((one) => this.#answerAtEnd(one, slot));
    }
    if (cut)
      return states
        .flatMap((one) => this.#peer.atEnd(one))
        .flatMap((one) => this.#server.atEnd(one));
    const { upload, roomBytes } = this.#held.quiet;
    for (const one of states) {
      if (upload !== null) this.#messageEnds(one, upload);
      const drainsUs = roomBytes === Infinity ? 0 : this.#extraUs(one);
      const laterUs = upload?.leavesWithinUs ?? drainsUs;
      this.#held.answerOwed(one, toServerUs, toServerUs + laterUs);
    }
    return states;
  }

  /** The last bytes of a message leave, and the heartbeats that waited behind them. */
  #messageEnds(state: State, { leavesWithinUs }: Upload): void {
    const { cell, setting } = this.#held;
    const content = this.#held.field(state, Hushed.Content) | LifeBit.AnyByte | LifeBit.Message;
    this.#held.put(state, Hushed.Content, content);
    state.armFromNow(cell.vars.again, setting.toServerUs, setting.toServerUs + leavesWithinUs);
  }

  /** What is sent after a message, while the last of it has not left, comes with that. */
  #behindMessage(state: State, index: number): State[] {
    const { upload } = this.#held.quiet;
    if (upload === null) return [state];
    const v = this.#held.cell.vars.beats + index;
    const leftUs = this.#held.setting.toServerUs + upload.leavesWithinUs;
    const behind = state.copy();
    const states = state.zone.limit(NOW, v, -leftUs) ? [state] : [];
    if (!behind.zone.limit(v, NOW, leftUs)) return states;
    this.#comesBehind(behind, index);
    behind.zone.shift(v, this.#held.beat(index).everyUs);
    return [...states, behind];
  }

  /** A heartbeat that waits behind a message comes with its end. */
  #comesBehind(state: State, index: number): void {
    const content = this.#held.field(state, Hushed.Content) | this.#held.beat(index).bits;
    this.#held.put(state, Hushed.Content, content);
  }

  #beatAtEnd(state: State, index: number): State[] {
    const { vars } = this.#held.cell;
    const { toServerUs } = this.#held.setting;
    const { bits, everyUs } = this.#held.beat(index);
    const v = vars.beats + index;
    const bit = 1 << index;
    const held = this.#held.heldOf(index);
    const overdue = this.#held.field(state, Hushed.HeldBeats);
    if ((overdue & bit) !== 0) {
      this.#held.put(state, Hushed.HeldBeats, overdue & ~bit);
      if (held === 'queued') {
        this.#comesBehind(state, index);
        return this.#beatAtEnd(state, index);
      }
      state.armFromNow(v, toServerUs, toServerUs);
      return [state];
    }
    const isLeft = (this.#held.field(state, Hushed.LeftBeats) & bit) !== 0;
    if (held === 'stopped') return this.#wakes(state, index);
    if (!state.zone.has(v) || isLeft || held === 'passes') return [state];
    // Whether it was to be sent before now.
    const later = state.copy();
    const isLater = later.zone.limit(NOW, v, -toServerUs);
    const states = isLater ? this.#behindMessage(later, index) : [];
    if (!state.zone.limit(v, NOW, toServerUs)) return states;
    switch (held) {
      case 'skipped':
        state.zone.shift(v, everyUs);
        return [...states, state];
      case 'queued':
        this.#comesBehind(state, index);
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
    const { vars } = this.#held.cell;
    const { toServerUs } = this.#held.setting;
    const { everyUs } = this.#held.beat(index);
    const v = vars.beats + index;
    const slice = this.#held.field(state, Hushed.Stopped + index);
    this.#held.put(state, Hushed.Stopped + index, 0);
    if (slice === 0 || state.zone.has(v)) return [state];
    const { from, to } = this.#held.sliceUs(slice, everyUs);
    state.armFromNow(v, toServerUs + from, toServerUs + to);
    return [state];
  }

  #answerAtEnd(state: State, slot: number): State[] {
    const { vars } = this.#held.cell;
    const { toServerUs } = this.#held.setting;
    const v = vars.pongs + slot;
    if (!state.zone.has(v)) return [state];
    if ((this.#held.field(state, Hushed.LeftBeats) & (1 << (ANSWERS_SHIFT + slot))) !== 0)
      return [state];
    const held = this.#held.answerHeld(state, slot);
    const later = state.copy();
    const isLater = held === 'passes' || later.zone.limit(NOW, v, -toServerUs);
    const states = isLater ? [later] : [];
    const { quiet, setting } = this.#held;
    const drainsUs = quiet.cut ? 0 : (setting.behind?.drainsUs ?? 0);
    const behindUs = quiet.upload?.leavesWithinUs ?? drainsUs;
    // Who asks as a message ends is answered behind its last bytes; who waits in a queue that has grown, when it is empty.
    if (isLater && behindUs > 0) later.armUntil(v, toServerUs, v, behindUs);
    if (held === 'passes' && this.#held.quiet.readsWithinUs > 0) {
      // Who reads again reads at once.
      later.armFromNow(
        v,
        0,
        setting.behind === null
          ? Math.max(0, Math.min(later.zone.most(v, NOW), setting.rttUs))
          : setting.rttUs + setting.behind.takesUs + setting.behind.drainsUs,
      );
    }
    if (held === 'passes' || !state.zone.limit(v, NOW, toServerUs)) return states;
    if (held === 'lost') {
      const { bits } = this.#held.takeAnswer(state, slot);
      const lost = this.#peer.loses(state, v, -toServerUs, bits);
      for (const one of lost) one.zone.drop(v);
      return [...states, ...lost];
    }
    state.armFromNow(v, toServerUs, toServerUs + behindUs);
    return [...states, state];
  }

  /** A throttled peer's timers run: what is due is sent. */
  timersRun(state: State): State[] {
    const { vars } = this.#held.cell;
    const { throttledUs } = this.#held.quiet;
    const { toServerUs } = this.#held.setting;
    state.armFromNow(vars.throttle, throttledUs, throttledUs);
    let states = [state];
    this.#held.setting.beats.forEach((_, index) => {
      if (this.#held.heldOf(index) !== 'throttled') return;
      const v = vars.beats + index;
      const bit = 1 << index;
      states = states.flatMap((one) => {
        const overdue = this.#held.field(one, Hushed.HeldBeats);
        if ((overdue & bit) !== 0) {
          this.#held.put(one, Hushed.HeldBeats, overdue & ~bit);
          return [this.#sentNow(one, index)];
        }
        if ((this.#held.field(one, Hushed.LeftBeats) & bit) !== 0 || !one.zone.has(v)) return [one];
        const later = one.copy();
        const both = later.zone.limit(NOW, v, -toServerUs) ? [later] : [];
        return one.zone.limit(v, NOW, toServerUs) ? [...both, this.#sentNow(one, index)] : both;
      });
    });
    return states;
  }

  #sentNow(state: State, index: number): State {
    const { toServerUs } = this.#held.setting;
    this.#held.put(
      state,
      Hushed.LeftBeats,
      this.#held.field(state, Hushed.LeftBeats) | (1 << index),
    );
    state.armFromNow(this.#held.cell.vars.beats + index, toServerUs, toServerUs);
    return state;
  }
}
