/**
 * Runs one compiled reaper under virtual time, in one thread of the simulated server.
 *
 * A server has up to three of them, one per thread (mechanisms.ts). All run the very engine that production
 * runs; this file only keeps its deadline armed and carries its effects to the host, in order, also when
 * an effect makes the engine speak again.
 */
import { assert } from '../../model/assert.ts';
import { LifeBit, ReaperEffect } from '../../model/reaper/types.ts';
import type { ReaperInstance, SocketSample } from '../../model/reaper/types.ts';
import { Unit, type StateWalk } from '../clock/state-walk.ts';
import type { Scheduler } from '../clock/types.ts';
import type { PolicyPart } from './mechanisms.ts';

/** The server as a judge sees it. `mechanism` is an index into the whole policy. */
export interface ReaperHost {
  /** Returns whether the judge's own thread can go on; false = it waits for the lock. */
  sendPing(judge: ReaperRunner, mechanism: number): boolean;
  sample(into: SocketSample): void;
  reap(mechanism: number): void;
  closeOrderly(mechanism: number): void;
  /** A request of the reaper's own: its answer is told by `replied`. */
  sendTest(mechanism: number): void;
  /** Timers of the policy woke the process: at `firstUs` and `more` times after it, `everyUs` apart. */
  woken(firstUs: number, everyUs: number, more: number): void;
  /** Until when nothing can happen but what the timer in `slot` does. */
  quietUntilUs(slot: number): number;
}

const PENDING_LIMIT = 64;

export class ReaperRunner {
  readonly #scheduler: Scheduler;
  readonly #host: ReaperHost;
  readonly #reaper: ReaperInstance;
  /** Index in the whole policy of each mechanism this judge runs. */
  readonly #mechanisms: readonly number[];
  /** Its deadline's place on the clock. */
  readonly slot: number;
  readonly #sample: SocketSample = {
    queueBytes: 0,
    userQueueBytes: 0,
    bytesAcked: 0,
    established: true,
  };
  readonly #pendingEffects = new Uint8Array(PENDING_LIMIT);
  readonly #pendingMechanisms = new Uint8Array(PENDING_LIMIT);
  readonly #lookEveryUs: number | null;
  readonly #waitsForAnswers: boolean;
  readonly #needsSamples: boolean;
  /**
   * The look at this very instant found nothing queued, the connection established, and no answer
   * owed, as far as it is for any of these that this judge looks.
   */
  #sawQuiet = false;
  /** A message has been sent that the peer's application has not acknowledged. */
  #answerOwed = false;
  #firstDueUs = NaN;
  #skipped = 0;
  #pendingHead = 0;
  #pendingTail = 0;
  #carrying = false;
  #looked = false;
  #running = false;
  #held = false;

  constructor(scheduler: Scheduler, host: ReaperHost, part: PolicyPart) {
    const { reaper, mechanisms } = part;
    assert(reaper.mechanismCount === mechanisms.length, 'every mechanism has its index');
    this.#scheduler = scheduler;
    this.#host = host;
    this.#reaper = reaper.instance();
    this.#mechanisms = mechanisms;
    this.#lookEveryUs = part.lookEveryUs;
    this.#waitsForAnswers = part.waitsForAnswers;
    this.#needsSamples = reaper.needsSamples;
    this.slot = scheduler.slot(() => this.#fire());
  }

  reset(): void {
    this.#running = false;
    this.#held = false;
    this.#carrying = false;
    this.#sawQuiet = false;
    this.#answerOwed = false;
    this.#skipped = 0;
    this.#pendingHead = 0;
    this.#pendingTail = 0;
  }

  /**
   * A thread without mechanisms has nothing to judge: it never begins.
   *
   * @param draw the connection's own, in [0, 1): what its jitters hang on
   */
  start(sharedOriginUs: number, draw: number): void {
    if (this.#mechanisms.length === 0) return;
    this.#running = true;
    this.#reaper.start(this.#scheduler.nowUs, sharedOriginUs, draw);
    this.#carryOut();
  }

  stop(): void {
    this.#running = false;
    this.#pendingHead = 0;
    this.#pendingTail = 0;
    this.#reaper.stop();
    this.#scheduler.disarm(this.slot);
  }

  /** The thread stands still: deadlines pass unnoticed until `resume`. */
  hold(): void {
    this.#held = true;
    this.#scheduler.disarm(this.slot);
  }

  /** The thread runs again, and finds the deadlines that passed before it reads anything. */
  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    if (!this.#running) return;
    if (this.#reaper.deadlineUs <= this.#scheduler.nowUs) this.#fire();
    else this.#arm();
  }

  walk(state: StateWalk): void {
    state.same(Number(this.#running));
    state.none(Number(this.#held));
    if (!this.#running) return;
    state.same(Number(this.#sawQuiet));
    state.same(Number(this.#answerOwed));
    state.same(this.#skipped);
    // Where none are counted it is not read.
    this.#firstDueUs = state.passed(Unit.Us, this.#firstDueUs);
    this.#reaper.walk(state);
  }

  received(lifeBits: number): void {
    if (!this.#running) return;
    if ((lifeBits & LifeBit.ApplicationAck) !== 0) this.#answerOwed = false;
    this.#reaper.received(lifeBits, this.#scheduler.nowUs);
    this.#heard();
  }

  pingWritten(): void {
    if (!this.#running) return;
    this.#reaper.pingWritten(this.#scheduler.nowUs);
    this.#heard();
  }

  messageSent(): void {
    if (!this.#running) return;
    this.#answerOwed = this.#waitsForAnswers;
    this.#reaper.messageSent(this.#scheduler.nowUs);
    this.#heard();
  }

  sendAccepted(): void {
    if (!this.#running) return;
    this.#reaper.sendAccepted(this.#scheduler.nowUs);
    this.#heard();
  }

  sendBlocked(): void {
    if (!this.#running) return;
    this.#reaper.sendBlocked(this.#scheduler.nowUs);
    this.#heard();
  }

  sendDrained(all: boolean): void {
    if (!this.#running) return;
    this.#reaper.sendDrained(all, this.#scheduler.nowUs);
    this.#heard();
  }

  requested(): void {
    if (!this.#running) return;
    this.#reaper.requested(this.#scheduler.nowUs);
    this.#heard();
  }

  replied(): void {
    if (!this.#running) return;
    this.#reaper.replied(this.#scheduler.nowUs);
    this.#heard();
  }

  borrowed(): void {
    if (!this.#running) return;
    this.#reaper.borrowed(this.#scheduler.nowUs);
    this.#heard();
  }

  /** Something happened to the connection: the next look is no longer like the last one. */
  #heard(): void {
    this.#sawQuiet = false;
    this.#carryOut();
  }

  #fire(): void {
    const firstUs = this.#skipped > 0 ? this.#firstDueUs : this.#scheduler.nowUs;
    this.#host.woken(firstUs, this.#lookEveryUs ?? 0, this.#skipped);
    this.#skipped = 0;
    this.#sawQuiet = !this.#needsSamples && !this.#answerOwed;
    this.#reaper.advance(this.#scheduler.nowUs);
    this.#carryOut();
  }

  /** Queues what the engine asked for; the outermost call carries it out, oldest first. */
  #carryOut(): void {
    const reaper = this.#reaper;
    for (let i = 0; i < reaper.effectCount; i += 1) {
      assert(this.#pendingTail < PENDING_LIMIT, 'a reaper asks for a bounded number of effects');
      this.#pendingEffects[this.#pendingTail] = reaper.effects[i] as number;
      this.#pendingMechanisms[this.#pendingTail] = reaper.effectMechanism[i] as number;
      this.#pendingTail += 1;
    }
    if (!this.#carrying) {
      this.#carrying = true;
      this.#looked = false;
      while (this.#pendingHead < this.#pendingTail) this.#carryOne(this.#pendingHead++);
      this.#carrying = false;
      this.#pendingHead = 0;
      this.#pendingTail = 0;
    }
    if (this.#running && !this.#held) this.#arm();
  }

  #carryOne(at: number): void {
    const mechanism = this.#mechanisms[this.#pendingMechanisms[at] as number] as number;
    switch (this.#pendingEffects[at]) {
      case ReaperEffect.Ping:
        if (!this.#host.sendPing(this, mechanism)) this.hold();
        return;
      case ReaperEffect.Sample:
        // One look answers every mechanism that asked at this instant.
        if (this.#looked) return;
        this.#looked = true;
        this.#host.sample(this.#sample);
        this.#sawQuiet =
          this.#sample.queueBytes === 0 && this.#sample.established && !this.#answerOwed;
        this.#reaper.sampled(this.#sample, this.#scheduler.nowUs);
        this.#carryOut();
        return;
      case ReaperEffect.Reap:
        this.#host.reap(mechanism);
        return;
      case ReaperEffect.Close:
        this.#host.closeOrderly(mechanism);
        return;
      case ReaperEffect.Test:
        this.#host.sendTest(mechanism);
        return;
      default:
        assert(false, 'a reaper asks only for effects of its vocabulary');
    }
  }

  #arm(): void {
    const dueUs = this.#sawQuiet ? this.#lastQuietLook() : this.#reaper.deadlineUs;
    const scheduler = this.#scheduler;
    if (dueUs === scheduler.dueUs(this.slot)) return;
    if (dueUs === Infinity) scheduler.disarm(this.slot);
    else scheduler.arm(this.slot, Math.max(dueUs, scheduler.nowUs));
  }

  /**
   * Looks at a quiet socket see the same until something happens, and change nothing: of a row of
   * them only the last is played, and the others are counted.
   */
  #lastQuietLook(): number {
    const dueUs = this.#reaper.deadlineUs;
    const everyUs = this.#lookEveryUs;
    this.#skipped = 0;
    if (everyUs === null || dueUs === Infinity) return dueUs;
    const untilUs = this.#host.quietUntilUs(this.slot);
    this.#firstDueUs = dueUs;
    this.#skipped = Math.max(0, Math.ceil((untilUs - dueUs) / everyUs) - 1);
    return dueUs + this.#skipped * everyUs;
  }
}
