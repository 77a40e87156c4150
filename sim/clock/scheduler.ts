/**
 * Virtual time: a small event queue of numbered slots.
 *
 * One connection's world never has more than a dozen or two pending deadlines (three timers per
 * kernel, one per wire direction, a few per process), and the ones that change all the time are
 * among the next few. So the queue is a list in order of (due, armed): taking the next one is
 * immediate, a new deadline passes the few that come before it, and nothing is allocated once the
 * world is built. At this size that beats every heap.
 *
 * Time is integer microseconds and never runs backwards. Handlers that keep asking for "now" are a
 * bug, so the number of events at one instant has a budget.
 */
import { assert } from '../../model/assert.ts';
import type { StateWalk } from './state-walk.ts';
import type { Scheduler } from './types.ts';

/** More events than this at a single microsecond is a loop, not a simulation. */
const EVENTS_PER_INSTANT_LIMIT = 1_000_000;

/** The list's two ends meet in a slot that nobody owns and that is never due. */
const END = 0;

/** `previous` of a slot that is not in the list. */
const OUTSIDE = -1;

class SlotScheduler implements Scheduler {
  nowUs = NaN;
  private readonly handlers: (() => void)[] = [() => assert(false, 'the end is never due')];
  private due = new Float64Array(32).fill(Infinity);
  private armed = new Float64Array(32);
  private next = new Int32Array(32);
  private previous = new Int32Array(32).fill(OUTSIDE);
  private sequence = 0;
  /** Slots of a walk. */
  private readonly inOrder: number[] = [];
  /** When the running event was armed: entries at this instant that were armed before it have passed. */
  private runningArmed = NaN;

  constructor() {
    this.reset(0);
  }

  slot(handler: () => void): number {
    const slot = this.handlers.length;
    if (slot === this.due.length) this.grow();
    this.handlers.push(handler);
    return slot;
  }

  private grow(): void {
    const { due, armed, next, previous } = this;
    this.due = new Float64Array(due.length * 2).fill(Infinity);
    this.armed = new Float64Array(due.length * 2);
    this.next = new Int32Array(due.length * 2);
    this.previous = new Int32Array(due.length * 2).fill(OUTSIDE);
    this.due.set(due);
    this.armed.set(armed);
    this.next.set(next);
    this.previous.set(previous);
  }

  arm(slot: number, dueUs: number): void {
    assert(dueUs >= this.nowUs, 'a deadline lies in the past');
    assert(slot !== END, 'this slot belongs to nobody');
    if ((this.previous[slot] as number) !== OUTSIDE) this.unlink(slot);
    this.sequence += 1;
    this.due[slot] = dueUs;
    this.armed[slot] = this.sequence;
    if (dueUs !== Infinity) this.link(slot, dueUs);
  }

  disarm(slot: number): void {
    if ((this.previous[slot] as number) !== OUTSIDE) this.unlink(slot);
    this.due[slot] = Infinity;
  }

  mute(slot: number): void {
    if ((this.previous[slot] as number) !== OUTSIDE) this.unlink(slot);
  }

  unmute(slot: number): void {
    if ((this.previous[slot] as number) !== OUTSIDE || !this.isPending(slot)) return;
    this.link(slot, this.due[slot] as number);
  }

  isPending(slot: number): boolean {
    const due = this.due[slot] as number;
    if (due === Infinity || due < this.nowUs) return false;
    return due > this.nowUs || (this.armed[slot] as number) > this.runningArmed;
  }

  dueUs(slot: number): number {
    return this.previous[slot] === OUTSIDE ? Infinity : (this.due[slot] as number);
  }

  nextDueUs(exceptSlot: number): number {
    const first = this.next[END] as number;
    const slot = first === exceptSlot ? (this.next[first] as number) : first;
    return this.due[slot] as number;
  }

  private unlink(slot: number): void {
    const before = this.previous[slot] as number;
    const after = this.next[slot] as number;
    this.next[before] = after;
    this.previous[after] = before;
    this.previous[slot] = OUTSIDE;
  }

  /** Puts the slot behind everything that is due before it, or at the same time and armed before. */
  private link(slot: number, dueUs: number): void {
    const { due, armed, next } = this;
    const order = armed[slot] as number;
    let after = next[END] as number;
    while ((due[after] as number) <= dueUs) {
      if ((due[after] as number) === dueUs && (armed[after] as number) > order) break;
      after = next[after] as number;
    }
    const before = this.previous[after] as number;
    this.next[before] = slot;
    this.previous[slot] = before;
    this.next[slot] = after;
    this.previous[after] = slot;
  }

  run(untilUs: number): void {
    assert(untilUs >= this.nowUs, 'time cannot run backwards');
    let atThisInstant = 0;
    for (;;) {
      const slot = this.next[END] as number;
      const at = this.due[slot] as number;
      if (at > untilUs || slot === END) break;
      atThisInstant = at === this.nowUs ? atThisInstant + 1 : 0;
      assert(atThisInstant < EVENTS_PER_INSTANT_LIMIT, 'time stands still');
      this.nowUs = at;
      this.runningArmed = this.armed[slot] as number;
      this.unlink(slot);
      this.due[slot] = Infinity;
      (this.handlers[slot] as () => void)();
    }
    if (untilUs !== Infinity) {
      this.nowUs = untilUs;
      this.runningArmed = this.sequence;
    }
  }

  walk(state: StateWalk): void {
    const { due, next } = this;
    let count = 0;
    for (let slot = next[END] as number; slot !== END; slot = next[slot] as number) {
      this.inOrder[count++] = slot;
    }
    state.same(count);
    for (let i = 0; i < count; i += 1) {
      const slot = this.inOrder[i] as number;
      state.same(slot);
      const dueUs = due[slot] as number;
      const movedUs = state.due(dueUs);
      if (movedUs === dueUs) continue;
      this.unlink(slot);
      due[slot] = movedUs;
      this.link(slot, movedUs);
    }
  }

  get isMuted(): boolean {
    for (let slot = 1; slot < this.handlers.length; slot += 1) {
      if (this.previous[slot] === OUTSIDE && this.isPending(slot)) return true;
    }
    return false;
  }

  moveOn(nowUs: number): void {
    assert(nowUs >= this.nowUs && this.nextDueUs(END) > nowUs, 'nothing is passed over');
    this.nowUs = nowUs;
    this.runningArmed = this.sequence;
  }

  reset(nowUs: number): void {
    this.due.fill(Infinity);
    this.previous.fill(OUTSIDE);
    this.previous[END] = END;
    this.next[END] = END;
    this.sequence = 0;
    this.runningArmed = 0;
    this.nowUs = nowUs;
  }
}

/**
 * Makes an empty event queue standing at time 0.
 *
 * @example
 * const scheduler = createScheduler();
 * const firedAtUs = [];
 * const slot = scheduler.slot(() => firedAtUs.push(scheduler.nowUs));
 * scheduler.arm(slot, 5);
 * scheduler.run(10);
 * firedAtUs // => [5]
 * scheduler.nowUs // => 10
 */
export function createScheduler(): Scheduler {
  return new SlotScheduler();
}
