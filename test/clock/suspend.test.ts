/** Timers of what stands still: overdue afterwards, or as far away as before. */
import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../sim/clock/scheduler.ts';
import { Suspension } from '../../sim/clock/suspend.ts';

function stage() {
  const scheduler = createScheduler();
  const fired: string[] = [];
  const timer = (name: string): number =>
    scheduler.slot(() => fired.push(`${name} at ${scheduler.nowUs}`));
  const [early, late, other, idle] = ['early', 'late', 'other', 'idle'].map(timer) as [
    number,
    number,
    number,
    number,
  ];
  const standstill = new Suspension(scheduler, [late, early, idle]);
  scheduler.arm(early, 100);
  scheduler.arm(late, 400);
  scheduler.arm(other, 150);
  scheduler.run(50);
  standstill.begin();
  scheduler.run(250);
  return { scheduler, standstill, fired };
}

describe('a standstill from 50 to 250', () => {
  it('stops its own timers and no others', () => {
    const { fired, standstill } = stage();
    expect(fired).toEqual(['other at 150']);
    expect(standstill.isActive).toBe(true);
  });

  it('of a process: what was due at 100 is overdue, what is due at 400 is not', () => {
    const { scheduler, standstill, fired } = stage();
    standstill.endLate();
    scheduler.run(1_000);
    expect(fired.slice(1)).toEqual(['early at 250', 'late at 400']);
  });

  it('of a machine: its clock stood for 200, so 100 is 300 and 400 is 600', () => {
    const { scheduler, standstill, fired } = stage();
    expect(standstill.endShifted()).toBe(200);
    scheduler.run(1_000);
    expect(fired.slice(1)).toEqual(['early at 300', 'late at 600']);
  });
});
