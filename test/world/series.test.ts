/** Stories of fleets over time: the same draws as the figures, and the arithmetic behind them. */
import { describe, expect, it } from 'vitest';
import { HOUR_US } from '../../model/duration.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { RunResult } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { simulate } from '../../scenarios/run.ts';
import { Draws } from '../../sim/random.ts';
import { stockSeries } from '../../sim/world/series.ts';

function runOf(policy: string, scenario: string): RunResult {
  return simulate(presets[policy] as Policy, scenarios[scenario] as Scenario, { seed: '4' });
}

function pointsOf(policy: string, scenario: string) {
  return runOf(policy, scenario).series?.[0]?.points ?? [];
}

describe('a story over time', () => {
  it('of descriptors: 800 and 160 more an hour, to 1024 when accept fails', () => {
    const points = pointsOf('none', 'descriptor-exhaustion');
    const { rows } = compare({
      policies: [presets['none'] as Policy],
      scenarios: [scenarios['descriptor-exhaustion'] as Scenario],
      runs: 1,
      seed: '4',
    });
    expect(points[0]).toEqual({ atMs: 0, value: 800 });
    expect(points.at(-1)?.value).toBe(1_024);
    expect(points.at(-1)?.atMs).toBe(Math.round(rows[0]?.exhaustionMs?.max ?? 0));
    for (const { atMs, value } of points) {
      expect(Math.abs(value - 800 - (160 * atMs) / 3_600_000)).toBeLessThanOrEqual(1);
    }
  });

  it('of descriptors under a sweep: 160 an hour for a minute are two or three, to the end', () => {
    const points = pointsOf('alive-flag-sweep', 'descriptor-exhaustion');
    // 224 descriptors to spare at 160 an hour, and a quarter longer: 1.75 h.
    expect(points.at(-1)?.atMs).toBe(1.75 * 3_600_000);
    expect(Math.max(...points.map(({ value }) => value))).toBeLessThanOrEqual(800 + 4);
  });

  it('of a stock ends with the figure of the same run', () => {
    for (const policy of ['none', 'alive-flag-sweep', 'keepalive-linux-default']) {
      const { series, fleet } = runOf(policy, 'ghosts-after-a-weekend');
      expect(series?.[0]?.points.at(-1)?.value).toBe(fleet?.[0]?.value);
    }
  });

  it('of a stock is flat once as many have come as one lives for: Little, 250 an hour · 2 h = 500', () => {
    const draws = new Draws();
    draws.reset({ high: 0, low: 9 }, 0, 0);
    const story = { arrivalsPerHour: 1_000, ghostShare: 0.25, hours: 56 };
    const { points } = stockSeries(story, [2 * HOUR_US], draws);
    for (const { atMs, value } of points.filter((point) => point.atMs >= 2 * 3_600_000)) {
      expect(Math.abs(value - 500)).toBeLessThanOrEqual(1);
      expect(atMs).toBeLessThanOrEqual(56 * 3_600_000);
    }
  });

  it('of a restart ends with all clients at the instant of the figure, and never falls', () => {
    const { series, fleet } = runOf('none', 'restart-storm');
    const points = series?.[0]?.points ?? [];
    const all = fleet?.find(({ name }) => name === 'all served')?.value ?? 0;
    expect(points.at(-1)).toEqual({ atMs: Math.round(all), value: 10_000 });
    points.forEach(({ atMs, value }, i) => {
      expect(atMs).toBeGreaterThanOrEqual(points[i - 1]?.atMs ?? 0);
      expect(value).toBeGreaterThanOrEqual(points[i - 1]?.value ?? 0);
    });
    // 200 a second, after 20 s of absence.
    for (const { atMs, value } of points)
      expect(value).toBeLessThanOrEqual(Math.max(0, atMs - 20_000) / 5 + 20);
  });

  it('is not told of a single connection', () => {
    expect(runOf('none', 'vanish-idle').series).toBeUndefined();
  });
});
