/** The event queue: order, re-arming, standing still. The expectation is a sorted list. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { cases } from '../support/property.ts';

describe('the scheduler', () => {
  it('runs in the order of due times, and of arming among equals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ slot: fc.nat(39), due: fc.nat(50) }), { maxLength: 200 }),
        (arms) => {
          const scheduler = createScheduler();
          const ran: [number, number][] = [];
          const slots = Array.from({ length: 40 }, (_, name) =>
            scheduler.slot(() => ran.push([scheduler.nowUs, name])),
          );
          const last = new Map<number, { due: number; order: number }>();
          arms.forEach(({ slot, due }, order) => {
            scheduler.arm(slots[slot]!, due);
            last.set(slot, { due, order });
          });
          scheduler.run(1000);
          const expected = [...last]
            .toSorted(([, a], [, b]) => a.due - b.due || a.order - b.order)
            .map(([slot, { due }]) => [due, slot]);
          expect(ran).toEqual(expected);
          expect(scheduler.nowUs).toBe(1000);
        },
      ),
      cases(100),
    );
  });

  it('a disarmed slot does not run, and says so', () => {
    const scheduler = createScheduler();
    let runs = 0;
    const slot = scheduler.slot(() => (runs += 1));
    scheduler.arm(slot, 5);
    expect(scheduler.dueUs(slot)).toBe(5);
    scheduler.disarm(slot);
    expect(scheduler.dueUs(slot)).toBe(Infinity);
    scheduler.run(10);
    expect(runs).toBe(0);
  });

  it('takes no deadline in the past and does not run backwards', () => {
    const scheduler = createScheduler();
    const slot = scheduler.slot(() => undefined);
    scheduler.run(10);
    expect(() => scheduler.arm(slot, 9)).toThrow('past');
    expect(() => scheduler.run(9)).toThrow('backwards');
  });

  it('a handler that asks for now for ever is a bug, not a hang', () => {
    const scheduler = createScheduler();
    const slot: number = scheduler.slot(() => scheduler.arm(slot, scheduler.nowUs));
    scheduler.arm(slot, 1);
    expect(() => scheduler.run(2)).toThrow('time stands still');
  });

  it('forgets everything at a reset', () => {
    const scheduler = createScheduler();
    let runs = 0;
    const slot = scheduler.slot(() => (runs += 1));
    scheduler.arm(slot, 5);
    scheduler.reset(0);
    scheduler.run(10);
    expect(runs).toBe(0);
  });
});
