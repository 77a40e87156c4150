/** States after a fault that were followed already, and whether every ghost is found within so long. */
import { describe, expect, it, test } from 'vitest';
import { presets } from '../../model/policy/index.ts';
import { Ages } from '../../model/reach/ages.ts';
import { isFoundWithin, reachBound } from '../../model/reach/index.ts';
import { NOW, Zone } from '../../model/zone.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

const FAULT = 1;

/** Ghosts of these ages, µs. */
function aged(lo: number, hi: number): Zone {
  const zone = new Zone(2);
  zone.set(FAULT, NOW, -hi, -lo);
  return zone;
}

describe('what was followed', () => {
  it('contains what is younger, and not what is older', () => {
    const ages = new Ages();
    expect(ages.hasFollowed(0, aged(10, 20), 20)).toBe(false);
    expect(ages.hasFollowed(0, aged(0, 30), 30)).toBe(false);
    expect(ages.hasFollowed(0, aged(15, 20), 20)).toBe(true);
    expect(ages.hasFollowed(0, aged(5, 25), 25)).toBe(true);
    expect(ages.hasFollowed(0, aged(25, 31), 31)).toBe(false);
    // Of another discrete state nothing is known.
    expect(ages.hasFollowed(1, aged(15, 20), 20)).toBe(false);
  });

  it('is compared with the older ones only, and comparisons cost', () => {
    const younger = new Ages();
    for (let us = 1; us <= 1_000; us += 1) younger.hasFollowed(0, aged(us, us), us);
    expect(younger.work).toBe(0);
    const older = new Ages();
    for (let us = 1_000; us >= 1; us -= 1) older.hasFollowed(0, aged(us, us), us);
    expect(older.work).toBeGreaterThan(1_000);
  });
});

describe('whether every ghost is found within so long', () => {
  const cells = [
    ['alive-flag-sweep', 'vanish-idle'],
    ['sweep-and-pong-timer', 'frozen-busy'],
    // The kernel ends these.
    ['none', 'vanish-busy'],
    ['keepalive-10-5-3-user-timeout-20s', 'vanish-busy'],
    ['action-cable', 'vanish-saturated'],
    ['keepalive-10-5-3', 'link-down-idle'],
  ] as const;
  test.each(cells)('%s on %s: within B, and not a microsecond sooner', (name, story) => {
    const policy = presets[name];
    const scenario = scenarios[story];
    if (policy === undefined || scenario === undefined) throw new Error('both are built in');
    const bound = reachBound(policy, scenario);
    if (bound.kind !== 'proved') throw new Error(bound.because);
    expect(isFoundWithin(policy, scenario, bound.decidedMs)).toBe(true);
    expect(isFoundWithin(policy, scenario, bound.decidedMs - 0.001)).toBe(false);
    expect(isFoundWithin(policy, scenario, bound.decidedMs / 2)).toBe(false);
  });

  it('never where nobody finds it, and at once where nothing happens', () => {
    const { none, 'alive-flag-sweep': sweep } = presets;
    const { 'vanish-idle': vanish, 'nat-resets-client': prevented } = scenarios;
    if (none === undefined || sweep === undefined) throw new Error('both are built in');
    if (vanish === undefined || prevented === undefined) throw new Error('both are built in');
    expect(isFoundWithin(none, vanish, 1e9)).toBe(false);
    expect(isFoundWithin(sweep, prevented, 0)).toBe(true);
  });
});
