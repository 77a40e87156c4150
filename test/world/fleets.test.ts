/** Stories about many connections, held against arithmetic. */
import { describe, expect, it } from 'vitest';
import { HOUR_US } from '../../model/duration.ts';
import { presets, selectPolicies, type Policy } from '../../model/policy/index.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import { defineScenario, type Scenario } from '../../model/scenario/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { Draws } from '../../sim/random.ts';
import { standingGhosts } from '../../sim/world/standing-ghosts.ts';

function draws(run = 0): Draws {
  const made = new Draws();
  made.reset({ high: 0, low: 9 }, run, 0);
  return made;
}

function row(policy: string, scenario: string, runs = 20): ComparisonRow {
  const { rows } = compare({
    policies: [presets[policy] as Policy],
    scenarios: [scenarios[scenario] as Scenario],
    runs,
    seed: 4n,
  });
  return rows[0] as ComparisonRow;
}

function figure(of: ComparisonRow, name: string) {
  const found = of.fleet?.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no figure ${name}`);
  return found;
}

describe('ghosts that stand', () => {
  /** 250 ghosts an hour for 56 h: 14 000. */
  const weekend = { arrivalsPerHour: 1_000, ghostShare: 0.25, hours: 56 };

  it('are all that came where none ever leaves', () => {
    expect(standingGhosts(weekend, [Infinity], draws())).toBe(14_000);
    expect(figure(row('none', 'ghosts-after-a-weekend', 2), 'ghosts standing')).toMatchObject({
      min: 14_000,
      max: 14_000,
      samples: 2,
      never: 0,
    });
  });

  it('are as many as come in the life of one: Little, 250 an hour · 2 h = 500', () => {
    for (let run = 0; run < 20; run += 1) {
      const standing = standingGhosts(weekend, [2 * HOUR_US], draws(run));
      // Each comes within its own slot, so only the one at the edge is uncertain.
      expect(Math.abs(standing - 500)).toBeLessThanOrEqual(1);
    }
  });

  it('follow the mean of mixed lives: 250 an hour · (1 + 3) / 2 h = 500', () => {
    const counts = Array.from({ length: 100 }, (_, run) =>
      standingGhosts(weekend, [HOUR_US, 3 * HOUR_US], draws(run)),
    );
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    // 500 ghosts between 1 and 3 h old stand with a chance of a half: variance 125 a run, 1.25 of the mean of 100.
    expect(Math.abs(mean - 500)).toBeLessThan(5 * Math.sqrt(1.25));
  });

  it('of more ghosts than are drawn one by one are counted in groups', () => {
    const flood = { arrivalsPerHour: 1_000_000, ghostShare: 0.5, hours: 24 };
    const standing = standingGhosts(flood, [HOUR_US], draws());
    expect(Math.abs(standing / 500_000 - 1)).toBeLessThan(0.001);
    expect(standingGhosts(flood, [Infinity], draws())).toBe(12_000_000);
  });

  /**
   * haproxy/haproxy#2520, `timeout tunnel 2h`: clients send a FIN and vanish, 50 an hour. HAProxy counts the two hours from the
   * last byte, not from the FIN: with the FIN the side of the client reads no more and cannot expire (sc_rcv_may_expire), and
   * the clock of the other side is set by bytes alone (sc_app_shut_conn sets none).
   */
  it.each([
    // A tunnel in which somebody speaks until the FIN: each stands for the whole of it, 50 an hour · 2 h.
    ['after a FIN that follows the last byte', 'client', 100, 10],
    // A quiet one: the FIN comes at any time of the two hours, and 1 h of them is left on average.
    ['after a FIN at any time of a quiet tunnel', null, 50, 25],
  ] as const)('behind HAProxy %s', (_what, speaks, expected, within) => {
    const load =
      speaks === null
        ? ({ kind: 'idle' } as const)
        : ({ kind: 'periodic', bytes: 200, everyMs: '10s', direction: speaks } as const);
    const stock = defineScenario({
      kind: 'fault',
      name: 'haproxy-close-wait-stock',
      load,
      path: { rttMs: 20 },
      server: { closesAtEof: false },
      fault: { kind: 'half-close' },
      story: { kind: 'stock', arrivalsPerHour: 1_000, ghostShare: 0.05, hours: 12 },
      watchMs: '3h',
      reaches: 'close-wait',
    });
    const selected = selectPolicies('haproxy(tunnel=2h)');
    if (!selected.ok) throw new Error('haproxy takes tunnel');
    const { rows } = compare({ policies: selected.value, scenarios: [stock], runs: 20, seed: 4n });
    const standing = figure(rows[0] as ComparisonRow, 'ghosts standing');
    expect(Math.abs((standing.p50 ?? 0) - expected)).toBeLessThanOrEqual(within);
  });

  it('under a sweep are few: 250 an hour · 30 … 60 s', () => {
    const standing = figure(
      row('alive-flag-sweep', 'ghosts-after-a-weekend', 5),
      'ghosts standing',
    );
    expect(standing.min).toBeGreaterThanOrEqual(1);
    // 250 / 3600 · 60 = 4.2, and one at the edge.
    expect(standing.max).toBeLessThanOrEqual(6);
  });

  it('are two after a week of the chat server whose sweep does not act, and none where it does', () => {
    const lost = figure(row('alive-flag-sweep-lost', 'chat-server-week', 3), 'ghosts standing');
    expect(lost).toMatchObject({ min: 2, max: 2 });
    const acting = figure(row('alive-flag-sweep', 'chat-server-week', 3), 'ghosts standing');
    expect(acting).toMatchObject({ min: 0, max: 0 });
  });
});

describe('waiting for a seat', () => {
  it('takes as long as the ghost keeps it, and costs everybody that', () => {
    const seat = row('alive-flag-sweep', 'one-seat-many-waiting');
    // The seat is free when the descriptor is closed; the sweep destroys, so that is the decision.
    expect(figure(seat, 'longest wait').max).toBe(seat.ghostMs.max);
    expect(figure(seat, 'waited by all').max).toBeCloseTo(20 * (seat.ghostMs.max ?? NaN), 6);
    const never = figure(row('none', 'one-seat-many-waiting', 3), 'longest wait');
    expect(never).toMatchObject({ samples: 0, never: 3, max: null });
  });
});
