/**
 * The server's kernel while the path is cut, and when it is whole again: what it sends again, and when it gives up (see resending.ts).
 */
import { givesUpAfterMs } from '../linux/retransmit-timer.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import type { HeldBack } from './held-back.ts';
import {
  nextExpiries,
  resendingOf,
  sourcesOf,
  type Expiry,
  type Resending,
  type ResendingNumbers,
} from './resending.ts';
import type { Setting, Span } from './setting.ts';
import { Field, Flight, GivesUp, Hushed, Phase, type State } from './state.ts';
import { NOW } from '../zone.ts';

export class ServerKernel {
  readonly #held: HeldBack;
  readonly #resending: Resending;

  /** @param timeouts see Following */
  constructor(held: HeldBack, timeouts: number) {
    this.#held = held;
    this.#resending = resendingOf(numbersOf(held.setting), timeouts);
  }

  /** Whether no two timeouts are followed in one group. */
  get followsEachTimeout(): boolean {
    return this.#resending.isExact;
  }

  /** While the path is cut: whether nothing hangs any more on what else is sent. */
  isLate(state: State): boolean {
    const flight = this.#held.field(state, Field.Flight);
    if (flight === Flight.Retransmitting || flight === Flight.ProbeAgain) return true;
    if (flight !== Flight.Probe) return false;
    return state.zone.least(NOW, this.#held.cell.vars.oldest) > this.#resending.first.hi;
  }

  /** Its timer goes off; true = what it sends again arrives. */
  timer(state: State, phase: number): boolean {
    const { kernel } = this.#held.setting;
    const givesUp = (this.#held.field(state, Hushed.GivesUp) & GivesUp.Server) !== 0;
    if (phase === Phase.Over && !givesUp) return true;
    if (phase === Phase.Over || !this.#awaitsFirst(state)) {
      const why = kernel.userTimeoutMs > 0 ? 'TCP_USER_TIMEOUT' : 'tcp_retries2';
      this.#held.cell.over(state, why);
    } else {
      this.#resends(state, Flight.Retransmitting, NOW, this.#resending.givesUpFromRetransmission);
    }
    return false;
  }

  /** Whether the first retransmission is awaited, at an instant that something has put off. */
  #awaitsFirst(state: State): boolean {
    const flight = this.#held.field(state, Field.Flight);
    return flight === Flight.ProbeAgain || flight === Flight.Timeout;
  }

  /** The oldest segment was sent, or sent again for the first time, at `base`; within so long the kernel gives up. */
  #resends(state: State, flight: number, base: number, givesUp: Span): void {
    const { oldest, write } = this.#held.cell.vars;
    this.#held.put(state, Field.Flight, flight);
    if (base !== oldest) state.zone.set(oldest, base, 0, 0);
    state.arm(write, oldest, givesUp.lo, givesUp.hi);
  }

  /** More has left before the first retransmission: that comes at any time within so long of the first segment. */
  #putOff(state: State): void {
    const { oldest, write } = this.#held.cell.vars;
    const { lo, hi } = this.#resending.putOff;
    this.#held.put(state, Field.Flight, Flight.ProbeAgain);
    state.arm(write, oldest, lo, hi);
    state.zone.limit(NOW, write, 0);
    state.zone.drop(oldest);
  }

  flights(state: State, base: number): State[] {
    const { oldest } = this.#held.cell.vars;
    const { first, givesUpFromSegment } = this.#resending;
    const flight = this.#held.field(state, Field.Flight);
    if (base === oldest || flight === Flight.Quiet) {
      this.#resends(state, Flight.Probe, base, givesUpFromSegment);
      return [state];
    }
    if (flight === Flight.Retransmitting || flight === Flight.ProbeAgain) return [state];
    if (flight === Flight.Timeout) {
      const { write } = this.#held.cell.vars;
      this.#held.put(state, Field.Flight, Flight.ProbeAgain);
      state.armUntil(write, 0, write, this.#resending.moreUs);
      return [state];
    }
    const late = state.copy();
    const states: State[] = late.zone.limit(oldest, NOW, -first.lo) ? [late] : [];
    if (!state.zone.limit(NOW, oldest, first.hi)) return states;
    this.#putOff(state);
    return [...states, state];
  }

  acknowledged(state: State, phase: number): boolean {
    const flight = this.#held.field(state, Field.Flight);
    if (flight === Flight.Quiet || phase === Phase.Before) return false;
    const { oldest, write } = this.#held.cell.vars;
    const { putOff, anewUs } = this.#resending;
    state.armFromNow(write, 0, phase === Phase.Lasts ? anewUs : putOff.hi);
    if (phase === Phase.Over) return true;
    this.#held.put(state, Field.Flight, Flight.Timeout);
    state.zone.drop(oldest);
    return true;
  }

  /** The server's next retransmission. */
  atEnd(state: State): State[] {
    const { oldest, write, load } = this.#held.cell.vars;
    const { writes } = this.#held.setting;
    const flight = this.#held.field(state, Field.Flight);
    if (flight === Flight.Quiet) return [state];
    // Behind what was put off already the load was not followed.
    if (writes !== null && !state.zone.has(load)) state.armFromNow(load, 0, writes.everyUs);
    if (this.#awaitsFirst(state)) {
      this.#held.put(state, Field.Flight, Flight.Probe);
      this.#held.put(state, Field.RtoHi, this.#roughly(this.#held.setting.kernel.rto.hi));
      return [state];
    }
    const { fromSegment, fromRetransmission } = this.#resending;
    const expiries = flight === Flight.Probe ? fromSegment : fromRetransmission;
    const note = (one: State, { early, waitJ, givesUp }: Expiry): void => {
      this.#held.put(one, Field.Flight, early ? Flight.Probe : Flight.Retransmitting);
      this.#held.put(one, Field.RtoHi, this.#roughly(waitJ));
      if (givesUp) {
        this.#held.put(one, Hushed.GivesUp, this.#held.field(one, Hushed.GivesUp) | GivesUp.Server);
      }
      one.zone.drop(oldest);
    };
    return nextExpiries(state, oldest, expiries, write, note);
  }

  /** How long the silence was, about: only how much a load has left to send again hangs on it. */
  #roughly(waitJ: number): number {
    const { kernel, writes } = this.#held.setting;
    return writes === null ? kernel.rto.hi : 2 ** Math.ceil(Math.log2(waitJ));
  }
}

/** The server's kernel. */
export function numbersOf(setting: Setting): ResendingNumbers {
  const { kernel } = setting;
  const { rto, rtoMaxJ, rtoMaxMs, tickUs, tailLossProbe, retries2, userTimeoutMs } = kernel;
  return {
    rto,
    rtoMaxJ,
    tickUs,
    tailLossProbe,
    limitUs: 1000 * givesUpAfterMs(userTimeoutMs, retries2, rtoMaxMs),
    isUserTimeout: userTimeoutMs > 0,
    crowdedUs: wheelWindow(1, kernel.crowdedProbe.hi, 0, tickUs).hiUs,
    answerUs: setting.rttUs + setting.ackDelayUs,
    sources: sourcesOf(setting),
  };
}
