/** Stories about many connections, held against arithmetic. */
import { describe, expect, it } from 'vitest';
import { HOUR_US } from '../../model/duration.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import type { ComparisonRow } from '../../model/results/types.ts';
import type { Scenario } from '../../model/scenario/index.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { compare } from '../../scenarios/compare/index.ts';
import { Draws } from '../../sim/random.ts';
import { RestartPlayer, type RestartStory, type Storm } from '../../sim/world/restart.ts';
import { standingGhosts } from '../../sim/world/stock.ts';

const S = 1_000_000;

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

describe('a reconnect storm', () => {
  const RTT_MS = 10;
  const base: RestartStory = {
    clients: 100,
    downMs: 500,
    acceptsPerSecond: 10,
    baseMs: 1_000,
    jitterMs: 0,
    maxMs: 30_000,
    attempts: null,
    teardown: 'atomic',
  };

  function storm(changes: Partial<RestartStory>, run = 0): Storm {
    return new RestartPlayer({ ...base, ...changes }, RTT_MS).play(draws(run));
  }

  it('without jitter: all try after 1 s, the server takes ten a second, the last is served at 1 + 10 s', () => {
    expect(storm({})).toEqual({
      halfServedUs: 6 * S,
      allServedUs: 11 * S,
      gaveUp: 0,
      wasted: 0,
      surplus: 0,
    });
  });

  it('loses the turns of those that have left: 150 clients, patience 10 s', () => {
    // The first 100 are served by 11 s; then come 50 turns for clients that gave the attempt up at 11 s. These
    // try again after 2 s, at 13 s, stand behind those turns until 16 s, and are served by 16 + 5 s.
    expect(storm({ clients: 150 })).toEqual({
      halfServedUs: 8.5 * S,
      allServedUs: 21 * S,
      gaveUp: 0,
      wasted: 50,
      surplus: 0,
    });
  });

  it('with listeners left on sockets given up, such a client tries in two loops and has two sessions', () => {
    // As above, but each of the 50 hears of its loss at 11 s twice: 100 attempts at 13 s, behind the dead turns until
    // 16 s, and 70 turns until they leave at 23 s: first the 50 clients', by 21 s, then 20 of their second loops. The
    // other 30 hear twice again: 60 attempts at 27 s, all served.
    expect(storm({ clients: 150, teardown: 'leaky' })).toEqual({
      halfServedUs: 8.5 * S,
      allServedUs: 21 * S,
      gaveUp: 0,
      wasted: 50 + 30,
      surplus: 20 + 60,
    });
  });

  it('with listeners left multiplies faster than the server works, where the queue is long: it never ends', () => {
    const never = { allServedUs: Infinity, surplus: Infinity };
    expect(storm({ clients: 300, teardown: 'leaky' })).toMatchObject(never);
    expect(storm({ clients: 300 })).toMatchObject({ surplus: 0 });
    expect(storm({ clients: 300 }).allServedUs).toBeLessThan(Infinity);
  });

  it('ends for good for clients whose attempts are over before the server is back', () => {
    // Attempts at 1 s and, refused a round trip later, 2 s after that; the third loss is the last.
    const over = storm({ attempts: 2, downMs: 10_000 });
    expect(over).toMatchObject({ gaveUp: 100, allServedUs: Infinity, halfServedUs: Infinity });
    const back = storm({ attempts: 2, downMs: 3_000 });
    // 1 s + 10 ms + 2 s = 3.01 s: just after the server is back.
    expect(back).toMatchObject({ gaveUp: 0, allServedUs: 13.01 * S });
  });

  it('of many clients is that of as many as are simulated, on a server that is slower by as much', () => {
    // 10 240 clients at 1024 a second: ten seconds of work, as for 1024 clients at 102.4.
    const many = storm({ clients: 10_240, acceptsPerSecond: 1_024 });
    const few = storm({ clients: 1_024, acceptsPerSecond: 102.4 });
    expect(many).toEqual(few);
    expect(many.allServedUs).toBeCloseTo(11 * S, -1);
  });

  it('with jitter spreads over the jitter, the same for the same seed', () => {
    const spread = storm({ jitterMs: 60_000, clients: 100, acceptsPerSecond: 1_000 });
    expect(spread.allServedUs).toBeGreaterThan(25 * S);
    expect(spread.allServedUs).toBeLessThanOrEqual(30.1 * S);
    expect(storm({ jitterMs: 60_000, clients: 100, acceptsPerSecond: 1_000 })).toEqual(spread);
  });
});
