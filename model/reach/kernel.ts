/**
 * The server's kernel: the timers of what is in flight, and keepalive. Their rules are those of model/linux, asked with intervals;
 * the wheel is an interval of delay, of which the width of the bucket before says how much is known.
 */
import { assert } from '../assert.ts';
import { deadSilenceJ } from '../linux/keepalive-timer.ts';
import { backedOffJ, givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelGranularity } from '../linux/wheel.ts';
import { wheelWindow, type WheelWindow } from '../linux/wheel-window.ts';
import type { Cell } from './cell.ts';
import { mostPutOffs } from './put-offs.ts';
import { NotModelled } from './not-modelled.ts';
import { refusedForUs, unsent, type Refusal } from './refusal.ts';
import { Field, Flight, type State } from './state.ts';
import { NOW } from '../zone.ts';

/** Retransmission timeouts that are followed one by one; more are followed in groups. */
const MOST_TIMEOUTS = 24;

export class Kernel {
  readonly cell: Cell;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  armWrite(state: State, base: number, window: WheelWindow): void {
    state.arm(this.cell.vars.write, base, window.loUs, window.hiUs);
    this.cell.put(state, Field.WriteWidth, window.widthJ);
  }

  /** Something has been sent that will not be acknowledged. */
  beginFlight(state: State): void {
    state.flightFrom = NOW;
    state.zone.set(this.cell.vars.oldest, NOW, 0, 0);
    const leaves = this.#refusal() !== 'interface';
    this.cell.put(state, Field.Flight, leaves ? Flight.Probe : Flight.Unsent);
  }

  /**
   * What was sent at `base` will not be acknowledged: one state for each timeout that the estimator can stand at, so that
   * each goes on with its own doublings.
   *
   * @param crowded several segments are in flight, so that the probe may come sooner than for a lone one
   */
  flights(state: State, base: number, crowded = false): State[] {
    state.flightFrom = -1;
    if (this.cell.hush !== null) return this.cell.hush.flights(state, base);
    const { kernel } = this.cell.setting;
    if (!this.cell.followsFlight) {
      this.cell.put(state, Field.Flight, Flight.Timeout);
      return [state];
    }
    if (this.cell.field(state, Field.Flight) === Flight.Unsent) {
      const { end } = unsent(kernel, kernel.retries2);
      state.arm(this.cell.vars.write, base, end.lo, end.hi);
      return [state];
    }
    const lo = this.rtoLo(state);
    const hi = this.rtoHi(state);
    const width = Math.ceil((hi - lo + 1) / MOST_TIMEOUTS);
    const states: State[] = [];
    for (let from = lo; from <= hi; from += width) {
      const one = state.copy();
      this.cell.put(one, Field.RtoLo, from);
      this.cell.put(one, Field.RtoHi, Math.min(hi, from + width - 1));
      this.cell.put(one, Field.Flight, kernel.tailLossProbe ? Flight.Probe : Flight.Timeout);
      const soonest = crowded ? Math.min(kernel.crowdedProbe.lo, from) : from;
      this.armWrite(one, base, wheelWindow(soonest, this.rtoHi(one), 0, kernel.tickUs));
      states.push(one);
    }
    return states;
  }

  /** One more segment leaves while the timer runs, or one is acknowledged: the probe is awaited anew, no longer than the timeout is away. */
  putOffProbe(state: State, flight: number): void {
    const { kernel, writes } = this.cell.setting;
    if (!kernel.tailLossProbe || this.#refusal() === 'interface') return;
    const window = wheelWindow(1, kernel.crowdedProbe.hi, 0, kernel.tickUs);
    if (writes !== null && writes.everyUs <= window.hiUs) {
      if (this.cell.hush !== null) {
        throw new NotModelled('writes that put the retransmission timeout off for ever');
      }
      const putOffs = this.cell.field(state, Field.PutOffs);
      if (putOffs === mostPutOffs(this.cell.setting)) return;
      this.cell.put(state, Field.PutOffs, putOffs + 1);
    }
    this.armWrite(state, NOW, window);
    if (flight === Flight.Timeout) this.cell.put(state, Field.Flight, Flight.ProbeAgain);
  }

  rtoLo(state: State): number {
    return this.cell.field(state, Field.RtoLo);
  }

  rtoHi(state: State): number {
    return this.cell.field(state, Field.RtoHi);
  }

  writeTimer(batch: State[], state: State): void {
    const { kernel } = this.cell.setting;
    const { vars } = this.cell;
    const width = this.cell.field(state, Field.WriteWidth);
    const refusal = this.#refusal();
    switch (this.cell.field(state, Field.Flight)) {
      case Flight.Probe:
        if (refusal === 'interface') {
          this.#timeoutOfOldest(state, width);
          return;
        }
        state.packet = true;
        this.cell.put(state, Field.Flight, Flight.Timeout);
        // The probe is the oldest segment sent again: the timeout is counted from it.
        state.zone.set(vars.oldest, NOW, 0, 0);
        this.armWrite(
          state,
          NOW,
          wheelWindow(this.rtoLo(state), this.rtoHi(state), width, kernel.tickUs),
        );
        return;
      case Flight.ProbeAgain:
        this.#timeoutOfOldest(state, width);
        return;
      case Flight.Timeout:
        state.packet = true;
        this.cell.put(state, Field.Flight, Flight.Retransmitting);
        this.cell.put(state, Field.PutOffs, 0);
        // What did not leave was sent when it was sent before.
        state.zone.set(vars.stamp, refusal === 'interface' ? vars.oldest : NOW, 0, 0);
        state.zone.drop(vars.oldest);
        if (refusal === 'router') this.#refused(state);
        else this.#backOff(batch, state, width);
        return;
      case Flight.Unsent:
        this.#givesUp(state);
        return;
      default:
        if (refusal === 'router') this.#givesUp(state);
        else this.#retransmitAgain(batch, state, width);
    }
  }

  /** The timeout of the oldest segment is counted from when it was sent. */
  #timeoutOfOldest(state: State, width: number): void {
    const { kernel } = this.cell.setting;
    const { oldest } = this.cell.vars;
    this.cell.put(state, Field.Flight, Flight.Timeout);
    const { zone } = state;
    const left = (rtoJ: number, ageUs: number): number =>
      Math.max(1, Math.ceil(rtoJ - ageUs / kernel.tickUs));
    const lo = left(this.rtoLo(state), zone.most(NOW, oldest));
    const hi = left(this.rtoHi(state), Math.max(0, zone.least(NOW, oldest)));
    this.armWrite(state, NOW, wheelWindow(lo, hi, width, kernel.tickUs));
  }

  #refusal(): Refusal | null {
    return this.cell.aftermath?.refusal ?? null;
  }

  /** All retransmissions beside a router that speaks, as one wait: nothing hangs on any of them. */
  #refused(state: State): void {
    const rtoJ = { lo: this.rtoLo(state), hi: this.rtoHi(state) };
    const { lo, hi } = refusedForUs(this.cell.setting.kernel, rtoJ);
    this.armWrite(state, NOW, { loUs: lo, hiUs: hi, widthJ: 0 });
  }

  #givesUp(state: State): void {
    const hasUserTimeout = this.cell.setting.kernel.userTimeoutMs > 0;
    this.cell.over(state, hasUserTimeout ? 'TCP_USER_TIMEOUT' : 'tcp_retries2');
  }

  #retransmitAgain(batch: State[], state: State, width: number): void {
    const { kernel } = this.cell.setting;
    const { stamp } = this.cell.vars;
    const limitUs = 1000 * givesUpAfterMs(kernel.userTimeoutMs, kernel.retries2, kernel.rtoMaxMs);
    const goesOn = state.copy();
    const lives = goesOn.zone.limit(NOW, stamp, limitUs - 1);
    if (state.zone.limit(stamp, NOW, -limitUs)) {
      this.#givesUp(state);
      if (lives) batch.push(goesOn);
    } else {
      batch[0] = goesOn;
    }
    if (!lives) return;
    goesOn.packet = true;
    this.#backOff(batch, goesOn, width);
  }

  /** The timeout doubles, and the wait after it ends with the user timeout at the latest. */
  #backOff(batch: State[], state: State, width: number): void {
    const { kernel } = this.cell.setting;
    const { stamp } = this.cell.vars;
    const lo = backedOffJ(this.rtoLo(state), kernel.rtoMaxJ);
    const hi = backedOffJ(this.rtoHi(state), kernel.rtoMaxJ);
    this.cell.put(state, Field.RtoLo, lo);
    this.cell.put(state, Field.RtoHi, hi);
    if (kernel.userTimeoutMs === 0) {
      this.armWrite(state, NOW, wheelWindow(lo, hi, width, kernel.tickUs));
      return;
    }
    const limitJ = Math.ceil((kernel.userTimeoutMs * kernel.hz) / 1000);
    // The wait is cut short where less of the user timeout is left than the timeout is long.
    const cut = state.copy();
    const mayCut = cut.zone.limit(stamp, NOW, (hi - limitJ) * kernel.tickUs);
    const mayWait = state.zone.limit(NOW, stamp, (limitJ - lo) * kernel.tickUs);
    if (mayCut) {
      const leastLeftJ = Math.max(
        1,
        limitJ - Math.floor(cut.zone.most(NOW, stamp) / kernel.tickUs),
      );
      const mostLeftJ = Math.min(
        hi,
        Math.max(1, limitJ - Math.ceil(Math.max(0, cut.zone.least(NOW, stamp)) / kernel.tickUs)),
      );
      const window = wheelWindow(leastLeftJ, mostLeftJ, width, kernel.tickUs);
      const past = cut.zone.most(NOW, stamp) >= limitJ * kernel.tickUs;
      this.armWrite(cut, NOW, window);
      // However long ago the first retransmission was: the expiry is the user timeout after it, and the bucket's width late at most.
      if (!past) {
        const lateJ = wheelGranularity(mostLeftJ);
        cut.zone.limit(this.cell.vars.write, stamp, (limitJ + lateJ) * kernel.tickUs);
      }
      if (mayWait) batch.push(cut);
      else batch[batch.indexOf(state)] = cut;
    }
    if (mayWait) this.armWrite(state, NOW, wheelWindow(lo, hi, width, kernel.tickUs));
  }

  armKeepalive(state: State, loJ: number, hiJ: number, width: number): void {
    const window = wheelWindow(loJ, hiJ, width, this.cell.setting.kernel.tickUs);
    state.armFromNow(this.cell.vars.keepalive, window.loUs, window.hiUs);
    this.cell.put(state, Field.KeepaliveWidth, window.widthJ);
  }

  keepaliveTimer(batch: State[], state: State): void {
    const { vars } = this.cell;
    const { kernel, ackRttUs, toClientUs } = this.cell.setting;
    const { keepalive, tickUs, hz } = kernel;
    assert(keepalive !== null, 'the keepalive timer is set');
    const width = this.cell.field(state, Field.KeepaliveWidth);
    const { idleJ, intervalJ, probes } = keepalive;
    if (state.zone.has(vars.ack) || this.cell.field(state, Field.Flight) !== Flight.Quiet) {
      this.armKeepalive(state, idleJ, idleJ, width);
      return;
    }
    // Silence in whole jiffies: the one in which the peer was heard had begun.
    const enoughUs = (idleJ - 1) * tickUs + 1;
    const young = state.copy();
    const isYoung = young.zone.limit(NOW, vars.heard, enoughUs - 1);
    const isOld = state.zone.limit(vars.heard, NOW, -enoughUs);
    if (isYoung) {
      const leftJ = idleJ - Math.ceil(Math.max(0, young.zone.least(NOW, vars.heard)) / tickUs);
      const late = wheelWindow(leftJ, leftJ, 0, tickUs).hiUs - leftJ * tickUs;
      // Counted from when the peer was heard: that jiffy has begun up to a tick before.
      young.arm(vars.keepalive, vars.heard, idleJ * tickUs + 1, idleJ * tickUs + late);
      young.zone.limit(NOW, vars.keepalive, -1);
      this.cell.put(young, Field.KeepaliveWidth, 1);
    }
    if (!isOld) {
      batch[0] = young;
      return;
    }
    if (isYoung) batch.push(young);
    const userTimeoutJ = Math.ceil((kernel.userTimeoutMs * hz) / 1000);
    const deadJ = deadSilenceJ(this.cell.field(state, Field.ProbesOut), probes, userTimeoutJ);
    const deadUs = deadJ === 0 ? 0 : (deadJ - 1) * tickUs + 1;
    const probing = state.copy();
    const probesOn =
      deadJ > 0 && (deadJ === Infinity || probing.zone.limit(NOW, vars.heard, deadUs - 1));
    if (deadJ !== Infinity && state.zone.limit(vars.heard, NOW, -deadUs)) {
      this.cell.over(state, 'keepalive');
      if (probesOn) batch.push(probing);
    } else {
      assert(probesOn, 'a keepalive timer does one or the other');
      batch[0] = probing;
    }
    if (!probesOn) return;
    const out = this.cell.field(probing, Field.ProbesOut) + 1;
    // Beyond the count of probes only the time counts.
    this.cell.put(probing, Field.ProbesOut, Math.min(out, userTimeoutJ > 0 ? 1 : probes));
    this.armKeepalive(probing, intervalJ, intervalJ, width);
    const struck = this.cell.field(probing, Field.Struck) === 1;
    if (!struck || this.cell.aftermath?.acknowledges === true) {
      probing.armFromNow(vars.probeAnswer, ackRttUs, ackRttUs);
      this.cell.packets(probing, toClientUs);
    } else {
      probing.packet = true;
    }
  }
}
