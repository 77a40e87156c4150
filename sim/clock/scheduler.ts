/**
 * Virtual time: a small event queue of numbered slots.
 *
 * One connection's world never has more than a dozen or two pending deadlines (three timers per
 * kernel, one per wire direction, a few per process), so the queue is two flat arrays and a scan for
 * the smallest (due, armed) pair. At this size a scan beats every heap, and nothing is allocated
 * once the world is built.
 *
 * Time is integer microseconds and never runs backwards. Handlers that keep asking for "now" are a
 * bug, so the number of events at one instant has a budget.
 */
import { assert } from '../../model/assert.ts';
import type { Scheduler } from './types.ts';

/** More events than this at a single microsecond is a loop, not a simulation. */
const EVENTS_PER_INSTANT_LIMIT = 1_000_000;

class SlotScheduler implements Scheduler {
  nowUs = 0;
  private readonly handlers: (() => void)[] = [];
  private due = new Float64Array(16);
  private armed = new Float64Array(16);
  private count = 0;
  private sequence = 0;

  slot(handler: () => void): number {
    if (this.count === this.due.length) this.grow();
    const slot = this.count;
    this.count += 1;
    this.handlers.push(handler);
    this.due[slot] = Infinity;
    return slot;
  }

  private grow(): void {
    const due = new Float64Array(this.due.length * 2);
    const armed = new Float64Array(this.due.length * 2);
    due.set(this.due);
    armed.set(this.armed);
    this.due = due;
    this.armed = armed;
  }

  arm(slot: number, dueUs: number): void {
    assert(dueUs >= this.nowUs, 'a deadline lies in the past');
    this.sequence += 1;
    this.due[slot] = dueUs;
    this.armed[slot] = this.sequence;
  }

  disarm(slot: number): void {
    this.due[slot] = Infinity;
  }

  dueUs(slot: number): number {
    return this.due[slot] ?? Infinity;
  }

  /** The armed slot that comes first, or -1 when none is due at or before `untilUs`. */
  private earliest(untilUs: number): number {
    const { due, armed, count } = this;
    let best = -1;
    let bestDue = untilUs;
    for (let slot = 0; slot < count; slot += 1) {
      const at = due[slot] as number;
      if (at > bestDue) continue;
      if (best < 0 || at < bestDue || (armed[slot] as number) < (armed[best] as number)) {
        best = slot;
        bestDue = at;
      }
    }
    return best;
  }

  run(untilUs: number): void {
    assert(untilUs >= this.nowUs, 'time cannot run backwards');
    let atThisInstant = 0;
    for (;;) {
      const slot = this.earliest(untilUs);
      if (slot < 0) break;
      const at = this.due[slot] as number;
      atThisInstant = at === this.nowUs ? atThisInstant + 1 : 0;
      assert(atThisInstant < EVENTS_PER_INSTANT_LIMIT, 'time stands still');
      this.nowUs = at;
      this.due[slot] = Infinity;
      (this.handlers[slot] as () => void)();
    }
    if (untilUs !== Infinity) this.nowUs = untilUs;
  }

  reset(nowUs: number): void {
    this.due.fill(Infinity);
    this.sequence = 0;
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
