/**
 * A living peer falls silent, and what comes of it when the silence is over: what was held back is sent, what was lost comes again with
 * TCP's next retransmission, and what stood behind it follows.
 *
 * The instant at which the silence ends is a clock like any other, so one exploration speaks of silences of every length. What arrives is looked at when
 * it would have arrived: whether it was sent before, in or after the silence is then known.
 */
import { wheelWindow } from '../linux/wheel-window.ts';
import { LifeBit } from '../reaper/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { Beginning } from './beginning.ts';
import { ANSWERS_UNDER_WAY, type Hush } from './cell.ts';
import { areWritesHeard } from './heard.ts';
import { ANSWERS_SHIFT, HeldBack } from './held-back.ts';
import { lastWaitsUs } from './last-waits.ts';
import { isPatient } from './patient.ts';
import { PeerKernel, repairUs, type FollowingPeer } from './peer-kernel.ts';
import type { Product } from './product.ts';
import type { Setting } from './setting.ts';
import { fullAfterUs, heedsRoom } from './room.ts';
import { ServerKernel } from './server-kernel.ts';
import { SilenceEnd } from './silence-end.ts';
import { refuseBunched, type Quiet } from './silence.ts';
import { Field, Flight, GivesUp, Hushed, Owed, PeerFlight, Phase, type State } from './state.ts';
import { NOW } from '../zone.ts';

/** What a state ends with that is followed no further. */
export const NOT_FOLLOWED = 'not followed: ';

/** What of a silence is followed, and how finely. */
export interface Following extends FollowingPeer {
  /** Timeouts of the server's kernel that are followed one by one; more are followed in groups. */
  readonly timeouts: number;
  /** Shorter silences are known to be survived, µs. */
  readonly leastUs: number;
  /** What the server writes, whether anybody heeds it or not. */
  readonly loads: Setting['writes'];
}

export class SilentPeer implements Hush {
  readonly #server: ServerKernel;
  readonly #loads: Setting['writes'];
  readonly loadRunsOn: boolean;
  readonly #held: HeldBack;
  readonly #peer: PeerKernel;
  readonly #beginning: Beginning;
  readonly #end: SilenceEnd;
  readonly #writesHeard: boolean;
  readonly #heedsRoom: boolean;
  /** When exactly what was lost in a short silence comes again is not followed: nobody judges so soon that it matters, or it hangs on how much it was. */
  readonly #comesSoon: boolean;

  /** @throws NotModelled with the reason */
  constructor(product: Product, scenario: Scenario, quiet: Quiet, how: Following) {
    const held = new HeldBack(product, quiet);
    this.#held = held;
    this.#server = new ServerKernel(held, how.timeouts);
    this.loadRunsOn = quiet.server === 'starved';
    this.#peer = new PeerKernel(product.cell, scenario, how);
    this.#loads = how.loads;
    const fullUs = fullAfterUs({ ...held.setting, writes: how.loads }, scenario, quiet);
    this.#beginning = new Beginning(held, this.#peer, fullUs, how.leastUs);
    this.#end = new SilenceEnd(held, this.#peer, this.#server, (state) => this.#lastWaitsUs(state));
    this.#heedsRoom = heedsRoom(held.setting);
    this.#comesSoon = held.setting.behind !== null || isPatient(held.setting);
    this.#writesHeard = areWritesHeard(held.setting);
    refuseBunched(held.setting, quiet);
  }

  /** See {@link HeldBack.remembersEnd}. */
  get remembersEnd(): boolean {
    return this.#held.remembersEnd;
  }

  /** Whether no two retransmission timeouts are followed in one group. */
  get followsEachTimeout(): boolean {
    const { cut } = this.#held.quiet;
    return !cut || (this.#server.followsEachTimeout && this.#peer.followsEachTimeout);
  }

  /** The silence begins now, in a healthy state. */
  begin(state: State): State[] {
    return this.#beginning.begin(state);
  }

  // What the server sends.

  pings(state: State, forApplication: boolean): boolean {
    const phase = this.#held.field(state, Hushed.Phase);
    if (phase === Phase.Before) return false;
    if (phase === Phase.Lasts) {
      if (this.#held.quiet.cut) {
        this.#held.owe(state, forApplication ? Owed.ApplicationPong : Owed.Pong);
        this.#held.product.traffic.transmit(state, 0);
      } else if (!forApplication && this.#held.field(state, Hushed.Full) === 1) {
        this.#held.owe(state, Owed.Pong);
        this.#held.product.traffic.transmit(state, this.#held.setting.ackDelayUs);
      } else {
        this.#answerLater(state, forApplication, false);
        this.#held.product.traffic.transmit(state, this.#held.setting.ackDelayUs);
      }
      return true;
    }
    if (this.#held.field(state, Field.Flight) === Flight.Quiet) {
      if (this.#held.setting.behind === null) return false;
      // What has piled up may still stand before it.
      this.#answerLater(state, forApplication, false, this.#lastWaitsUs(state));
      return true;
    }
    this.#held.owe(state, forApplication ? Owed.ApplicationPong : Owed.Pong);
    this.#sendsBehind(state);
    return true;
  }

  writes(state: State): boolean {
    const phase = this.#held.field(state, Hushed.Phase);
    const { answersMessages, ackDelayUs } = this.#held.setting;
    if (phase === Phase.Before) return false;
    if (phase === Phase.Lasts) {
      if (answersMessages && this.#held.quiet.cut) this.#held.owe(state, Owed.Acknowledgement);
      else if (answersMessages) this.#answerLater(state, true, true);
      this.#held.product.traffic.transmit(state, ackDelayUs);
      return true;
    }
    if (this.#held.field(state, Field.Flight) === Flight.Quiet) return false;
    if (answersMessages) this.#held.owe(state, Owed.Acknowledgement);
    this.#sendsBehind(state);
    return true;
  }

  transmits(state: State): boolean {
    const phase = this.#held.field(state, Hushed.Phase);
    if (phase === Phase.Lasts && this.#held.quiet.cut) {
      this.#held.put(state, Hushed.Received, 0);
      this.#held.put(state, Field.Written, this.#held.cell.lookers());
      if (this.#held.setting.behind !== null) return true;
      if (this.#held.field(state, Field.Flight) === Flight.Quiet) this.flights(state, NOW);
      // Settled with the step: two states may come of it.
      else state.flightFrom = NOW;
      return true;
    }
    if (phase !== Phase.Over || this.#held.field(state, Field.Flight) === Flight.Quiet)
      return false;
    this.#sendsBehind(state);
    return true;
  }

  #answerLater(
    state: State,
    byApplication: boolean,
    acknowledges: boolean,
    laterUs = this.#held.quiet.readsWithinUs,
  ): void {
    const { rttUs, behind } = this.#held.setting;
    const within = { lo: rttUs, hi: rttUs + laterUs + (behind?.takesUs ?? 0) };
    this.#held.product.traffic.answerIn(state, byApplication, acknowledges, within);
  }

  /** More is sent while something lost stands before it. Before the first timeout it leaves, and tells the peer's kernel what is missing. */
  #sendsBehind(state: State): void {
    this.#held.put(state, Field.Written, this.#held.cell.lookers());
    if (this.#held.field(state, Field.Flight) === Flight.Retransmitting) return;
    // Where the window is full of what was lost, nothing leaves.
    if (this.#held.setting.behind === null) this.#tellsMissing(state);
  }

  #tellsMissing(state: State): void {
    const { vars } = this.#held.cell;
    if (state.zone.has(vars.write)) {
      this.#delivered(state, vars.write, repairUs(this.#held.setting));
    } else {
      this.#delivered(state, NOW, 0);
    }
  }

  /** What was lost in a silence that was over before the first timeout comes again at any time until the timer does. */
  #soon(state: State): void {
    this.#peer.arrivesSoon(state);
    const flight = this.#held.field(state, Field.Flight);
    if (flight === Flight.Quiet || flight === Flight.Retransmitting) return;
    this.#tellsMissing(state);
  }

  // What comes due.

  fires(batch: State[], state: State, v: number): boolean {
    const { vars } = this.#held.cell;
    const phase = this.#held.field(state, Hushed.Phase);
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
        batch.splice(0, batch.length, ...this.#end.ends(state));
        if (this.#held.quiet.cut && this.#comesSoon) for (const one of batch) this.#soon(one);
        return true;
      case vars.blocked:
        this.#full(batch, state);
        return true;
      case vars.upload:
        this.#held.bytesFollow(state, 0);
        this.#held.product.hear(batch, state, LifeBit.AnyByte);
        return true;
      case vars.throttle:
        batch.splice(0, batch.length, ...this.#end.timersRun(state));
        return true;
      case vars.peerWrite: {
        this.#peer.timer(state, phase === Phase.Over);
        return true;
      }
      case vars.again:
        this.#comesAgain(batch, state);
        return true;
      case vars.write:
        if (this.#server.timer(state, phase)) this.#delivered(state, NOW, 0);
        return true;
      default:
        return false;
    }
  }

  /** A page that reads no more answers no more; what else hangs on a buffer that may be full is not followed. */
  #full(batch: State[], state: State): void {
    const { cut, answers } = this.#held.quiet;
    if (cut || answers.library !== 'passes' || this.#heedsRoom) {
      state.end = `${NOT_FOLLOWED}buffers that fill`;
    } else {
      this.#held.put(state, Hushed.Full, 1);
      batch.splice(0, batch.length, ...this.#beginning.answersStop(state));
    }
  }

  #beatDue(batch: State[], state: State, index: number): void {
    const { bits, everyUs } = this.#held.beat(index);
    const { vars } = this.#held.cell;
    const v = vars.beats + index;
    const bit = 1 << index;
    const left = this.#held.field(state, Hushed.LeftBeats);
    const held = this.#held.heldOf(index);
    if ((left & bit) !== 0) {
      this.#held.put(state, Hushed.LeftBeats, left & ~bit);
      const stops = held === 'stopped' && this.#held.field(state, Hushed.Stopped + index) !== 0;
      if (!stops) state.armFromNow(v, everyUs, everyUs);
      this.#held.product.hear(batch, state, bits);
      return;
    }
    if (this.#held.field(state, Hushed.Phase) === Phase.Over) {
      state.armFromNow(v, everyUs, everyUs);
      this.#arrives(batch, state, bits);
      return;
    }
    switch (held) {
      case 'passes':
        state.armFromNow(v, everyUs, everyUs);
        this.#held.product.hear(batch, state, bits);
        return;
      case 'skipped':
        state.armFromNow(v, everyUs, everyUs);
        return;
      case 'queued':
        state.armFromNow(v, everyUs, everyUs);
        this.#held.put(state, Hushed.HeldBeats, this.#held.field(state, Hushed.HeldBeats) | bit);
        return;
      case 'lost':
        state.armFromNow(v, everyUs, everyUs);
        batch.splice(
          0,
          batch.length,
          ...this.#peer.loses(state, NOW, -this.#held.setting.toServerUs, bits),
        );
        return;
      default:
        this.#held.put(state, Hushed.HeldBeats, this.#held.field(state, Hushed.HeldBeats) | bit);
    }
  }

  #answerDue(batch: State[], state: State, slot: number): boolean {
    const bit = 1 << (ANSWERS_SHIFT + slot);
    const left = this.#held.field(state, Hushed.LeftBeats);
    if ((left & bit) !== 0) {
      this.#held.put(state, Hushed.LeftBeats, left & ~bit);
      return false;
    }
    if (this.#held.field(state, Hushed.Phase) === Phase.Over) {
      if (this.#held.field(state, Hushed.PeerFlight) === PeerFlight.None) return false;
      this.#arrives(batch, state, this.#held.takeAnswer(state, slot).bits);
      return true;
    }
    switch (this.#held.answerHeld(state, slot)) {
      case 'passes':
        return false;
      case 'lost': {
        const { bits } = this.#held.takeAnswer(state, slot);
        batch.splice(
          0,
          batch.length,
          ...this.#peer.loses(state, NOW, -this.#held.setting.toServerUs, bits),
        );
        return true;
      }
      default:
        this.#held.owe(state, this.#held.takeAnswer(state, slot).owed);
        return true;
    }
  }

  /** Something that the peer sends after the silence arrives, if nothing lost stands before it. */
  #arrives(batch: State[], state: State, bits: number): void {
    if (this.#peer.arrives(state, bits)) this.#held.product.hear(batch, state, bits);
  }

  #comesAgain(batch: State[], state: State): void {
    const bits = this.#held.field(state, Hushed.Content);
    this.#held.put(state, Hushed.Content, 0);
    state.zone.drop(this.#held.cell.vars.upload);
    if (bits === 0) this.#acknowledgedByPeer(state);
    else this.#held.product.hear(batch, state, bits);
  }

  flights(state: State, base: number): State[] {
    return this.#server.flights(state, base);
  }

  acknowledged(state: State): boolean {
    return this.#server.acknowledged(state, this.#held.field(state, Hushed.Phase));
  }

  heard(state: State): void {
    this.#acknowledgedByPeer(state);
  }

  /** Each packet of the peer says what it has received. */
  #acknowledgedByPeer(state: State): void {
    const { vars } = this.#held.cell;
    const { rttUs, ackRttUs, ackDelayUs } = this.#held.setting;
    if (this.#held.field(state, Hushed.Phase) !== Phase.Over) return;
    if (this.#held.field(state, Hushed.Received) !== 1) return;
    if (this.#held.field(state, Field.Flight) === Flight.Quiet) return;
    const owes = this.#held.field(state, Hushed.Owed) !== 0;
    this.#flightOver(state);
    this.#held.put(state, Field.Acked, this.#held.cell.lookers());
    this.#resumes(state);
    if (!owes && this.#held.setting.writes === null) {
      state.zone.drop(vars.oldest);
      return;
    }
    state.zone.set(vars.oldest, NOW, 0, 0);
    state.armFromNow(vars.ack, ackRttUs, rttUs + ackDelayUs + this.#lastWaitsUs(state));
    // The kernel that hears of it sends on no later than the server hears it, and no sooner than the way from there is long.
    this.#held.answerOwed(state, ackRttUs, rttUs + this.#lastWaitsUs(state));
  }

  /** What the server has in flight gets through, from now on and at the latest so long after a timer that runs. */
  #delivered(state: State, timer: number, laterUs: number): void {
    const { vars } = this.#held.cell;
    const { rttUs, ackRttUs, toClientUs } = this.#held.setting;
    const extraUs = this.#lastWaitsUs(state);
    const received = this.#held.field(state, Hushed.Received) === 1;
    state.armUntil(vars.ack, ackRttUs, timer, rttUs + laterUs + extraUs);
    this.#held.answerOwed(
      state,
      received ? ackRttUs + rttUs : rttUs,
      rttUs + laterUs + (received ? Math.max(rttUs, extraUs) : extraUs),
      timer,
    );
    if (this.#held.field(state, Hushed.PeerFlight) === PeerFlight.Received) {
      this.#peer.recovers(state, timer, toClientUs + laterUs);
    }
    this.#flightOver(state);
    this.#resumes(state);
    state.zone.set(vars.oldest, NOW, 0, 0);
  }

  /** Timers that can change nothing go: what is written behind something lost waits with it, and puts keepalive off. */
  reduce(state: State): void {
    const { cell, quiet } = this.#held;
    const { vars } = cell;
    const { zone } = state;
    const phase = this.#held.field(state, Hushed.Phase);
    const flight = this.#held.field(state, Field.Flight);
    if (phase === Phase.Before) return;
    if (phase === Phase.Over && flight === Flight.Quiet) this.strip(state);
    const isUnheard = phase === Phase.Lasts && quiet.server !== 'runs';
    if (isUnheard && this.#held.setting.through === null) this.#forgetsUnread(state);
    if (!quiet.cut) {
      // Nothing is sent again, so nothing hangs on when it was sent.
      zone.drop(vars.oldest);
      if (cell.lookers() === 0) zone.drop(vars.ack);
      return;
    }
    this.#peer.forgetsBeats(state);
    if (flight === Flight.Quiet || zone.has(vars.ack)) return;
    if (zone.has(vars.keepalive)) {
      zone.drop(vars.keepalive);
      zone.drop(vars.heard);
      this.#held.put(state, Field.KeepaliveWidth, 1);
      this.#held.put(state, Field.ProbesOut, 0);
    }
    const isLate =
      flight === Flight.Retransmitting || (phase === Phase.Lasts && this.#server.isLate(state));
    if (isLate && !this.#writesHeard) zone.drop(vars.load);
  }

  /** What lies unread already makes no difference when it comes once more. */
  #forgetsUnread(state: State): void {
    const unread = this.#held.field(state, Field.Unread);
    const { beats } = this.#held.setting;
    beats.forEach(({ bits }, index) => {
      if ((bits & ~unread) === 0) state.zone.drop(this.#held.cell.vars.beats + index);
    });
  }

  /**
   * Takes away what can make no difference any more while nothing is lost: acknowledgements and writes of which nobody hears, and keepalive, each of
   * whose probes is answered from now on.
   */
  strip(state: State): void {
    const { vars } = this.#held.cell;
    const { zone } = state;
    if (this.#held.field(state, Field.ProbesOut) === 0) {
      zone.drop(vars.keepalive);
      zone.drop(vars.heard);
      zone.drop(vars.probeAnswer);
      this.#held.put(state, Field.KeepaliveWidth, 0);
    }
    if (this.#writesHeard || this.#held.quiet.roomBytes !== Infinity) return;
    for (const v of [vars.ack, vars.oldest, vars.load]) zone.drop(v);
    for (const field of [Field.Several, Field.Acked, Field.Written]) {
      this.#held.put(state, field, 0);
    }
  }

  #lastWaitsUs(state: State): number {
    return lastWaitsUs(this.#held, this.#loads, state);
  }

  /** They run again. */
  #resumes(state: State): void {
    const { load, heard, keepalive } = this.#held.cell.vars;
    const { writes, kernel } = this.#held.setting;
    const { zone } = state;
    if (writes !== null && !zone.has(load)) state.armFromNow(load, 0, writes.everyUs);
    if (kernel.keepalive === null || zone.has(keepalive)) return;
    if (!zone.has(heard)) zone.set(heard, NOW, 0, 0);
    const longestJ = Math.max(kernel.keepalive.idleJ, kernel.keepalive.intervalJ);
    state.armFromNow(keepalive, 1, wheelWindow(longestJ, longestJ, 0, kernel.tickUs).hiUs);
  }

  #flightOver(state: State): void {
    const { vars } = this.#held.cell;
    const { kernel } = this.#held.setting;
    this.#held.put(state, Field.Flight, Flight.Quiet);
    this.#held.put(state, Field.RtoLo, kernel.rto.lo);
    this.#held.put(state, Field.RtoHi, kernel.rto.hi);
    this.#held.put(state, Field.Several, 0);
    this.#held.put(state, Hushed.Received, 0);
    this.#held.put(state, Hushed.GivesUp, this.#held.field(state, Hushed.GivesUp) & GivesUp.Peer);
    state.zone.drop(vars.write);
  }
}
