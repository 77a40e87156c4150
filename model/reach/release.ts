/**
 * What follows the decision: close(2), and the kernel's forgetting the socket. Sums of what the exploration knows of the flight at the
 * decision and of the rules of an orphan (FIN_WAIT1, FIN_WAIT2, LAST_ACK, TIME_WAIT; net/ipv4/tcp.c tcp_close, tcp_timer.c tcp_write_timeout).
 *
 * A goodbye that nobody answers ends with its own time, or with the kernel's. After close(2) an orphan's data and FIN are sent again by the clock of the first
 * retransmission, which what was in flight before has started; a kernel that answers leaves it in FIN_WAIT2.
 */
import { DELAYED_ACK_MAX_MS, DELAYED_ACK_MIN_MS } from '../linux/constants.ts';
import { orphanRetries } from '../linux/orphan-retries.ts';
import { backedOffJ, givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelGranularity } from '../linux/wheel.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import { closeHandshakeOf } from '../reaper/close-handshake.ts';
import type { FaultScenario } from '../scenario/types.ts';
import type { Strike } from './aftermath.ts';
import type { Cell } from './cell.ts';
import { FullRelease } from './full-release.ts';
import { NotModelled } from './not-modelled.ts';
import { finWait2Us, timeWaitUs } from './orphan-waits.ts';
import { forgottenThroughUs } from './release-through.ts';
import { longestWaitUs, unsent } from './refusal.ts';
import { mostPutOffs } from './put-offs.ts';
import type { Span } from './setting.ts';
import { Field, Flight, Flow, type State } from './state.ts';
import { NOW } from '../zone.ts';

const US_PER_MS = 1_000;

/** Retransmission timeouts that are walked one by one; more are walked in groups. */
const MOST_TIMEOUTS = 512;

/** Something in flight to nobody, for one group of timeouts, µs since it was first sent. */
interface Episode {
  /** The first expiry that is past the limit: certainly by `surelyUs`, not before `soonestUs`. */
  readonly soonestUs: number;
  readonly surelyUs: number;
  /** From when on each wait can be under way, and how long it is at most. */
  readonly waits: readonly { readonly fromUs: number; readonly mostUs: number }[];
}

export class Release {
  readonly #cell: Cell;
  readonly #strike: Strike;
  readonly #scenario: FaultScenario;
  #full: FullRelease | null = null;
  readonly #episodes = new Map<number, readonly Episode[]>();

  constructor(cell: Cell, scenario: FaultScenario, strike: Strike) {
    this.#cell = cell;
    this.#scenario = scenario;
    this.#strike = strike;
  }

  /** From the decision, in this state, to close(2), µs at most. @throws NotModelled */
  closesAfterUs(state: State): number {
    const { policy, full } = this.#cell.setting;
    if (full !== null && this.#strike.toldAfterUs !== null && this.#strike.toldAfterUs > 0) {
      throw new NotModelled('an answer to a goodbye, behind a full send path');
    }
    switch (state.manner) {
      case 'gone':
      case 'told':
      case 'reset':
      case 'destroy':
        return 0;
      case 'flush':
        if (full !== null) return this.#writtenUs(state, 0);
        if (this.#loaded)
          throw new NotModelled('a send path that is written out before it is closed');
        return 0;
      case 'close': {
        const { timeoutMs, clock } = closeHandshakeOf(policy);
        if (clock === 'written' && full !== null) {
          return this.#writtenUs(state, timeoutMs === null ? Infinity : timeoutMs * US_PER_MS);
        }
        if (clock === 'written' && this.#loaded) {
          throw new NotModelled('a goodbye that waits behind a load');
        }
        const ownUs = timeoutMs === null ? Infinity : timeoutMs * US_PER_MS;
        if (this.#answers() || !this.#strike.retransmits) return ownUs;
        return Math.min(ownUs, this.#givesUpUs(state));
      }
    }
  }

  /** Until the kernel gives up what is in flight, its process still there. */
  #givesUpUs(state: State): number {
    const { retries2, userTimeoutMs, rtoMaxMs } = this.#cell.setting.kernel;
    if (this.#isUnsent(state)) return this.#unsentForUs(state, 0, retries2);
    return this.#diesAfterUs(state, 0, givesUpAfterMs(userTimeoutMs, retries2, rtoMaxMs));
  }

  /** Behind a full send path: until all is written, and so much later, or the kernel ends what never will be. */
  #writtenUs(state: State, laterUs: number): number {
    if (!this.#answers()) return this.#givesUpUs(state);
    const full = this.#behindFull;
    const open = this.#cell.flow?.stage(state) === Flow.Moves;
    return Math.max(full.neverWrittenUs(state), open ? full.openUs(state) + laterUs : 0);
  }

  get #behindFull(): FullRelease {
    this.#full ??= new FullRelease(this.#cell, this.#scenario, this.#strike);
    return this.#full;
  }

  /** From close(2), so long after the decision in this state, to the end of the socket, µs at most. @throws NotModelled */
  forgottenAfterUs(state: State, closesAfterUs: number): number {
    const { rttUs, kernel, writes, full, through } = this.#cell.setting;
    const { manner } = state;
    if (through !== null) {
      return forgottenThroughUs(state, this.#cell.setting, through, this.#scenario);
    }
    if (manner === 'gone' || manner === 'reset') return 0;
    const { toldAfterUs, halfClosedAfterUs } = this.#strike;
    if (full !== null && toldAfterUs !== null && toldAfterUs > 0) {
      throw new NotModelled('a FIN behind a full send path');
    }
    const isBox = this.#scenario.fault.kind === 'nat-expiry';
    if (isBox && (toldAfterUs !== null || halfClosedAfterUs !== null)) {
      throw new NotModelled('a box that speaks to an orphan');
    }
    const acknowledgedUs = rttUs + DELAYED_ACK_MAX_MS * US_PER_MS + 2 * kernel.tickUs;
    const isOverUs = timeWaitUs(kernel) + rttUs;
    if (manner === 'told') {
      const { kind } = this.#scenario.fault;
      const drainsUs = writes === null ? 0 : acknowledgedUs;
      // Who has sent a FIN of its own acknowledges ours at once, unless its process still owns the socket.
      const delayUs = kind === 'half-close' ? DELAYED_ACK_MIN_MS * US_PER_MS + kernel.tickUs : 0;
      return drainsUs + rttUs + delayUs + (kind === 'close' ? isOverUs : 0);
    }
    if (this.#answers() || toldAfterUs !== null) {
      const answered = acknowledgedUs + Math.max(finWait2Us(kernel), isOverUs);
      if (full !== null) {
        const orphanUs = this.#behindFull.orphanUs(state, closesAfterUs);
        if (this.#cell.flow?.stage(state) !== Flow.Moves) return orphanUs;
        // The window is open yet: what the kernel holds may all get through.
        return Math.max(orphanUs, this.#behindFull.openUs(state) + answered);
      }
      if (this.#loaded) throw new NotModelled('an orphan behind a window that may be closed');
      const { fault } = this.#cell.vars;
      const isLast =
        halfClosedAfterUs !== null && state.zone.least(NOW, fault) >= halfClosedAfterUs;
      // Its FIN has come before ours goes: the acknowledgement of ours is the end.
      if (isLast) return acknowledgedUs;
      return answered;
    }
    const { resets } = this.#strike.aftermath;
    // Whoever resets what it gets, resets the FIN.
    if (resets !== null && resets.fromUs === 0) return resets.afterUs;
    const { userTimeoutMs, rtoMaxMs } = kernel;
    // Once the timeout has stopped growing, the kernel may give up sooner.
    const retries = orphanRetries(kernel.orphanRetries, true, false);
    const limitMs = givesUpAfterMs(userTimeoutMs, retries, rtoMaxMs);
    const us = this.#isUnsent(state)
      ? this.#unsentForUs(state, closesAfterUs, retries)
      : this.#diesAfterUs(state, closesAfterUs, limitMs);
    const wholeUs = state.zone.most(NOW, this.#cell.vars.fault) + closesAfterUs + us;
    if (wholeUs > this.#strike.lastsUs)
      throw new NotModelled('a host that wakes and finds an orphan');
    return us;
  }

  /** Whether what is sent from now on cannot leave the own host, or has not left it already. */
  #isUnsent(state: State): boolean {
    if (this.#strike.aftermath.refusal !== 'interface') return false;
    const flight = this.#cell.field(state, Field.Flight);
    return flight === Flight.Quiet || flight === Flight.Unsent;
  }

  /** How long the probe timer goes on, so long after this state, if it gives up when it finds so many probes out. */
  #unsentForUs({ zone }: State, laterUs: number, probes: number): number {
    const { kernel } = this.#cell.setting;
    const { oldest } = this.#cell.vars;
    const { end, waits } = unsent(kernel, probes);
    // Of what waits already, the age; a goodbye, or the FIN, is written now.
    const hasBegun = zone.has(oldest);
    const ageUs = {
      lo: (hasBegun ? zone.least(NOW, oldest) : 0) + laterUs,
      hi: (hasBegun ? zone.most(NOW, oldest) : 0) + laterUs,
    };
    if (laterUs === 0 && !hasBegun) return end.hi;
    const past = ageUs.hi < end.lo ? [] : unsent(kernel, kernel.retries2).waits;
    const underWay = past.filter(({ fromUs }) => fromUs <= ageUs.hi);
    return Math.max(
      end.hi - ageUs.lo,
      ...underWay.map(({ mostUs }) => mostUs),
      waits[0]?.mostUs ?? 0,
    );
  }

  get #loaded(): boolean {
    const { writes, full } = this.#cell.setting;
    return writes !== null || full !== null;
  }

  #answers(): boolean {
    return this.#cell.setting.through !== null || this.#strike.aftermath.acknowledges;
  }

  /**
   * How long something in flight can still be sent again, so long after this state: until the first expiry past the limit.
   *
   * @param limitMs since the first retransmission
   */
  #diesAfterUs(state: State, laterUs: number, limitMs: number): number {
    const { zone } = state;
    const { vars } = this.#cell;
    const { kernel, rttUs, ackDelayUs } = this.#cell.setting;
    // The kernel has given up, and the process, which stood still, has not heard of it.
    if (this.#cell.field(state, Field.Failed) === 1) return 0;
    const flight = this.#cell.field(state, Field.Flight);
    const freshUs = laterUs > 0 ? -laterUs : 0;
    if (flight === Flight.Quiet) {
      // What is still acknowledged comes first, and the clock starts anew with it.
      const moves = this.#cell.flow?.stage(state) === Flow.Moves;
      const underWayUs = moves || zone.has(vars.ack) ? rttUs + ackDelayUs : 0;
      return Math.max(
        0,
        underWayUs + freshUs + this.#most({ lo: 0, hi: laterUs }, limitMs) + laterUs,
      );
    }
    if (!this.#cell.followsFlight) {
      const lo = Math.max(0, zone.least(NOW, vars.oldest)) + laterUs;
      return this.#most({ lo, hi: zone.most(NOW, vars.oldest) + laterUs }, limitMs);
    }
    const faultUs = zone.most(NOW, vars.fault) + rttUs;
    if (flight !== Flight.Retransmitting || laterUs > 0) {
      return this.#most({ lo: laterUs, hi: faultUs + laterUs }, limitMs);
    }
    if (this.#strike.aftermath.refusal === 'router') {
      const rtoJ = {
        lo: this.#cell.field(state, Field.RtoLo),
        hi: this.#cell.field(state, Field.RtoHi),
      };
      const restUs = limitMs * US_PER_MS - Math.max(0, zone.least(NOW, vars.stamp));
      return Math.max(0, restUs) + longestWaitUs(kernel, rtoJ);
    }
    // The clock is known: from expiry to expiry until one is past the limit.
    let widthJ = this.#cell.field(state, Field.WriteWidth);
    let loJ = this.#cell.field(state, Field.RtoLo);
    let hiJ = this.#cell.field(state, Field.RtoHi);
    let afterUs = zone.most(vars.write, NOW);
    let sinceUs = zone.least(vars.write, vars.stamp);
    while (sinceUs < limitMs * US_PER_MS) {
      loJ = backedOffJ(loJ, kernel.rtoMaxJ);
      hiJ = backedOffJ(hiJ, kernel.rtoMaxJ);
      const window = wheelWindow(loJ, hiJ, widthJ, kernel.tickUs);
      afterUs += window.hiUs;
      sinceUs += window.loUs;
      widthJ = window.widthJ;
    }
    return afterUs;
  }

  /** The longest rest of an episode that is so old. */
  #most(ageUs: Span, limitMs: number): number {
    let episodes = this.#episodes.get(limitMs);
    if (episodes === undefined) {
      episodes = this.#walk(limitMs);
      this.#episodes.set(limitMs, episodes);
    }
    let most = 0;
    for (const { soonestUs, surelyUs, waits } of episodes) {
      most = Math.max(most, surelyUs - ageUs.lo);
      if (ageUs.hi < soonestUs) continue;
      // Its limit was another one before, and is past: the wait that is under way is the last.
      for (const { fromUs, mostUs } of waits) if (fromUs <= ageUs.hi) most = Math.max(most, mostUs);
    }
    return most;
  }

  #walk(limitMs: number): Episode[] {
    const { rto } = this.#cell.setting.kernel;
    const width = Math.ceil((rto.hi - rto.lo + 1) / MOST_TIMEOUTS);
    const episodes: Episode[] = [];
    for (let lo = rto.lo; lo <= rto.hi; lo += width) {
      episodes.push(this.#episode(lo, Math.min(rto.hi, lo + width - 1), limitMs));
    }
    return episodes;
  }

  #episode(rtoLoJ: number, rtoHiJ: number, limitMs: number): Episode {
    const { kernel } = this.#cell.setting;
    const { tickUs, rtoMaxJ, userTimeoutMs, crowdedProbe } = kernel;
    const limitUs = limitMs * US_PER_MS;
    let loJ = rtoLoJ;
    let hiJ = rtoHiJ;
    let window = wheelWindow(loJ, hiJ, 0, tickUs);
    const { refusal } = this.#strike.aftermath;
    const hasRoute = refusal !== 'interface';
    let fromUs = 0;
    // The FIN, and every other write meanwhile, may put the probe off; what does not leave puts nothing off.
    const putOffs = hasRoute ? this.#putsOff() : 2;
    let byUs = window.hiUs + putOffs * wheelWindow(1, crowdedProbe.hi, 0, tickUs).hiUs;
    const waits = [{ fromUs: 0, mostUs: byUs }];
    if (hasRoute && kernel.tailLossProbe) {
      const first = wheelWindow(Math.min(crowdedProbe.lo, loJ), hiJ, 0, tickUs);
      waits.push({ fromUs: first.loUs, mostUs: window.hiUs });
      fromUs += first.loUs;
      byUs += window.hiUs;
    }
    fromUs += window.loUs;
    const stampUs = { lo: fromUs, hi: byUs };
    if (refusal === 'router') {
      const mostUs = longestWaitUs(kernel, { lo: rtoLoJ, hi: rtoHiJ });
      waits.push({ fromUs, mostUs });
      return { soonestUs: fromUs + limitUs, surelyUs: byUs + limitUs + mostUs, waits };
    }
    // The limit counts from the first retransmission; where that did not leave, from when it was sent before.
    const countedUs = hasRoute ? { lo: 0, hi: 0 } : stampUs;
    let since = { lo: 0, hi: 0 };
    while (since.lo === 0 || countedUs.lo + since.lo < limitUs) {
      loJ = backedOffJ(loJ, rtoMaxJ);
      hiJ = backedOffJ(hiJ, rtoMaxJ);
      window = wheelWindow(loJ, hiJ, window.widthJ, tickUs);
      waits.push({ fromUs: stampUs.lo + since.lo, mostUs: window.hiUs });
      since = { lo: since.lo + window.loUs, hi: since.hi + window.hiUs };
    }
    // The user timeout cuts the last wait short.
    const cutUs = limitUs + (wheelGranularity(hiJ) + 2) * tickUs;
    const overUs = userTimeoutMs > 0 ? Math.min(since.hi, cutUs) : since.hi;
    // Under another limit, that of a connection with an owner, the waits have gone on growing.
    for (let sinceUs = since.lo; loJ < rtoMaxJ; sinceUs += window.loUs) {
      loJ = backedOffJ(loJ, rtoMaxJ);
      hiJ = backedOffJ(hiJ, rtoMaxJ);
      window = wheelWindow(loJ, hiJ, window.widthJ, tickUs);
      waits.push({ fromUs: stampUs.lo + sinceUs, mostUs: window.hiUs });
    }
    const soonestUs = limitUs + stampUs.lo - countedUs.lo;
    return { soonestUs, surelyUs: stampUs.hi + overUs, waits };
  }

  /** How often others may write before the first retransmission. */
  #putsOff(): number {
    const { parts, writes, kernel, beats, query } = this.#cell.setting;
    const everyUs = wheelWindow(1, kernel.crowdedProbe.hi, 0, kernel.tickUs).hiUs;
    if (writes !== null && writes.everyUs <= everyUs) return mostPutOffs(this.#cell.setting);
    const asked = query === null ? 0 : 2;
    return 2 + parts.length + beats.length + (this.#loaded ? 2 : 0) + asked;
  }
}
