import { describe, expect, it } from 'vitest';
import { Draws } from '../../sim/random.ts';
import { exhaustionUs } from '../../sim/world/descriptors.ts';

const HOUR_US = 3_600_000_000;

/** 800 connections, 20 % an hour, 1024 descriptors: room for 224 ghosts, 160 come an hour. */
const story = { connections: 800, descriptorLimit: 1024, ghostSharePerHour: 0.2 };

function draws(run: number): Draws {
  const made = new Draws();
  made.reset({ high: 0, low: 1 }, run, 0);
  return made;
}

describe('time until accept fails with EMFILE', () => {
  it('is the room divided by the rate when ghosts stand for ever: 225 / 160 h, within one arrival', () => {
    for (let run = 0; run < 50; run += 1) {
      const us = exhaustionUs(story, [Infinity], draws(run));
      // The 225th ghost is the first that finds no descriptor; it comes in slot 224 of 22.5 s.
      expect(us).toBeGreaterThanOrEqual((224 / 160) * HOUR_US);
      expect(us).toBeLessThan((225 / 160) * HOUR_US);
    }
  });

  it('never comes when ghosts leave faster than they fill the room: 160 an hour · 1 h = 160 < 224', () => {
    expect(exhaustionUs(story, [HOUR_US], draws(0))).toBe(Infinity);
  });

  it('comes all the same when they stand for two hours: 160 an hour · 2 h = 320 > 224', () => {
    const us = exhaustionUs(story, [2 * HOUR_US], draws(0));
    expect(us).toBeGreaterThanOrEqual((224 / 160) * HOUR_US);
    expect(us).toBeLessThan((225 / 160) * HOUR_US);
  });

  it('is nothing at all when the living alone exceed the limit, and never without ghosts', () => {
    expect(exhaustionUs({ ...story, connections: 2000 }, [1], draws(0))).toBe(0);
    expect(exhaustionUs({ ...story, ghostSharePerHour: 0 }, [Infinity], draws(0))).toBe(Infinity);
  });
});
