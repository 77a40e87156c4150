import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectKey } from '../../model/statechart/effects.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import {
  attemptsUntilCap,
  backoffMs,
  reconnectEvents,
  reconnectTable,
} from '../../model/machines/reconnect/index.ts';
import type { ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
import { reconnectMachine } from '../../model/machines/reconnect/machine.ts';
import { compileTable } from '../../model/statechart/xstate.ts';
import { drawnSteps, expectSameSteps } from '../statechart/actor-driver.ts';
import { afterTimers, statesWithoutDeadline } from '../statechart/armed.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

/** min(1000 · 2ⁿ + rand · 1000, 30000) ms, at most 5 attempts. */
const five: ReconnectPolicy = {
  baseMs: 1000,
  factor: 2,
  capMs: 30_000,
  jitterMs: 1000,
  maxAttempts: 5,
  connectTimeoutMs: 10_000,
  stableMs: 5000,
};

describe('the wait before a retry', () => {
  it('doubles, and chance adds to it, up to the cap', () => {
    // 1000 · 2ⁿ: 1, 2, 4, 8, 16 s; 32 s is above the cap of 30 s.
    expect([0, 1, 2, 3, 4, 5].map((n) => backoffMs(five, n, 0))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000,
    ]);
    expect(backoffMs(five, 2, 0.5)).toBe(4500);
    expect(backoffMs({ ...five, capMs: 16_200 }, 4, 0.9)).toBe(16_200);
    expect(attemptsUntilCap(five)).toBe(5);
    // 1000 · 1.5ⁿ: 1, 1.5, 2.25 s; and a wait that does not grow.
    expect([0, 1, 2].map((n) => backoffMs({ ...five, factor: 1.5 }, n, 0))).toEqual([
      1000, 1500, 2250,
    ]);
    expect(attemptsUntilCap({ ...five, factor: 1 })).toBe(0);
  });
});

describe('where chance enters a wait', () => {
  const at = (changes: Partial<ReconnectPolicy>, n: number, chance: number): number =>
    backoffMs({ ...five, ...changes }, n, chance);

  it('inside the cap: at the cap all wait the same', () => {
    // 2⁵ · 1 s is above the cap of 30 s, whatever chance adds.
    expect([0, 0.5, 0.999].map((chance) => at({ jitter: 'inside-cap' }, 5, chance))).toEqual([
      30_000, 30_000, 30_000,
    ]);
    expect(at({ jitter: 'inside-cap' }, 3, 0.25)).toBe(8_250);
  });

  it('above the cap: the cap is what chance is added to', () => {
    expect(at({ jitter: 'above-cap' }, 5, 0.5)).toBe(30_500);
    expect(at({ jitter: 'above-cap' }, 3, 0.5)).toBe(8_500);
  });

  it('full: anything from nothing to the wait', () => {
    expect([0, 0.25, 0.5].map((chance) => at({ jitter: 'full' }, 3, chance))).toEqual([
      0, 2_000, 4_000,
    ]);
    expect(at({ jitter: 'full' }, 9, 0.5)).toBe(15_000);
  });

  it('percent: so much less or more, beyond the cap too', () => {
    const thirty = { jitter: 'percent', jitterPercent: 30 } as const;
    expect([0, 0.5].map((chance) => at(thirty, 5, chance))).toEqual([21_000, 30_000]);
    expect(at(thirty, 5, 0.75)).toBeCloseTo(34_500, 9);
  });

  it('changes nothing about how many attempts it takes to the cap', () => {
    for (const jitter of ['inside-cap', 'above-cap', 'full', 'percent'] as const) {
      expect(attemptsUntilCap({ ...five, jitter, jitterPercent: 30 })).toBe(5);
    }
  });
});

describe('the reconnecting client', () => {
  const table = reconnectTable(five);

  function play(events: readonly string[]): { state: string; does: string[] } {
    let state = table.initial;
    const does: string[] = [];
    for (const name of events) {
      const cell = state * table.events.length + (table.eventIndex[name] ?? NaN);
      const next = table.next[cell] ?? NaN;
      if (next === NO_EDGE) continue;
      state = next;
      does.push(...(table.effectLists[table.effectList[cell] ?? 0] ?? []).map(effectKey));
    }
    return { state: table.states[state] ?? '', does };
  }

  it('gives up after five retries, six sockets in all', () => {
    const attempts = [1, 2, 3, 4, 5, 6].flatMap(() => ['LOST', 'backoff']);
    const { state, does } = play(['CONNECT', ...attempts]);
    expect(state).toBe('gaveUp attempt=5');
    expect(does.filter((name) => name === 'openSocket')).toHaveLength(6);
    expect(does.filter((name) => name === 'dropSocket')).toHaveLength(6);
    expect(does.filter((name) => name === 'arm backoff')).toHaveLength(5);
    expect(does.at(-1)).toBe('reportGaveUp');
  });

  it('counts from nothing after a connection that lasted, and goes on counting after one that did not', () => {
    const opened = ['CONNECT', 'LOST', 'backoff', 'OPENED'];
    expect(play([...opened, 'stableTime', 'LOST']).state).toBe('waiting');
    expect(play([...opened, 'LOST']).state).toBe('waiting attempt=1');
  });

  it('does not come back by itself from a refusal, but when it is told to', () => {
    const refusal = play(['CONNECT', 'OPENED', 'stableTime', 'REFUSED']);
    expect(refusal.state).toBe('refused');
    expect(refusal.does.slice(-2)).toEqual(['dropSocket', 'reportRefused']);
    expect(play(['CONNECT', 'OPENED', 'REFUSED', 'LOST', 'CONNECT']).state).toBe('connecting');
    // An opening may be refused for good as well: HTTP 401, 404, 426.
    expect(play(['CONNECT', 'REFUSED']).state).toBe('refused');
  });

  it('takes one loss per socket: an error followed by a close is one retry', () => {
    expect(
      play(['CONNECT', 'OPENED', 'LOST', 'LOST', 'LOST']).does.filter(
        (name) => name === 'arm backoff',
      ),
    ).toHaveLength(1);
  });

  it('drops a socket before it opens another, at most one at a time', () => {
    fc.assert(
      fc.property(drawnSteps, (draws) => {
        let sockets = 0;
        const names = draws.map((draw) => table.events[draw % table.events.length] ?? '');
        for (const effect of play(names).does) {
          if (effect === 'openSocket') sockets++;
          if (effect === 'dropSocket') sockets--;
          expect(sockets === 0 || sockets === 1).toBe(true);
        }
      }),
      cases(100),
    );
  });

  it('waits without a timer only while idle, stable, or when it was told to give up', () => {
    const refusals = [0, 1, 2, 3, 4, 5].map((n) => (n === 0 ? 'refused' : `refused attempt=${n}`));
    const WITHOUT_TIMER = ['idle', 'stable', ...refusals, 'gaveUp attempt=5'];
    expect(statesWithoutDeadline(table, afterTimers).toSorted()).toEqual(WITHOUT_TIMER.toSorted());
  });

  it.each([five, { ...five, maxAttempts: null }, { ...five, maxAttempts: 0 }])(
    'has the table that xstate makes of it: at most $maxAttempts attempts',
    (policy) => {
      const events = reconnectEvents.map((name) => ({ name, event: { type: name } }));
      expect(reconnectTable(policy)).toEqual(compileTable(reconnectMachine(policy), { events }));
    },
  );

  it('without a limit it never gives up, and its table ends where the wait stops growing', () => {
    const endless = reconnectTable({ ...five, maxAttempts: null });
    expect(endless.states).toContain('waiting attempt=5');
    expect(endless.states.join()).not.toMatch(/gaveUp|attempt=6/);
  });

  it.each([five, { ...five, maxAttempts: null }, { ...five, maxAttempts: 0 }])(
    'is the same as its table, event by event: at most $maxAttempts attempts',
    (policy) => {
      // Every wait capped to the same duration, so that the backoff timer is known by it.
      const flat = {
        ...policy,
        baseMs: 7,
        capMs: 7,
        jitterMs: 0,
        connectTimeoutMs: 9,
        stableMs: 11,
      };
      const subject = {
        machine: reconnectMachine(flat),
        table: reconnectTable(flat),
        events: reconnectEvents.map((name) => ({ name, event: { type: name } })),
        delaysMs: { backoff: 7, connectTimeout: 9, stableTime: 11 },
      };
      let steps = 0;
      fc.assert(
        fc.property(drawnSteps, (draws) => {
          steps += expectSameSteps(subject, draws);
        }),
        cases(100),
      );
      expect(steps).toBeGreaterThan(asMany(300));
    },
  );
});
