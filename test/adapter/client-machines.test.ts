/** The client is small because it loads no engine and no compiler: what it does instead is the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReconnectDriver, type ReconnectHost } from '../../adapter/client/driver.ts';
import { LifeWatch } from '../../adapter/client/heartbeat.ts';
import { reconnectEvents, type ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
import { reconnectMachine } from '../../model/machines/reconnect/machine.ts';
import { definePolicy } from '../../model/policy/parse.ts';
import { compileReaper, LifeBit, ReaperEffect } from '../../model/reaper/index.ts';
import { NO_EDGE, type Table } from '../../model/statechart/table.ts';
import { compileTable } from '../../model/statechart/xstate.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

/** A clock that stands until it is moved, and runs what is due, earliest first. */
class StandingClock {
  nowMs = 0;
  readonly #timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>();
  #made = 0;

  readonly now = (): number => this.nowMs;
  readonly setTimeout = (run: () => void, ms: number): number => {
    this.#made += 1;
    this.#timers.set(this.#made, { dueMs: this.nowMs + ms, run });
    return this.#made;
  };
  readonly clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as number);
  };

  get dueMs(): number[] {
    return [...this.#timers.values()].map(({ dueMs }) => dueMs);
  }

  advanceTo(ms: number): void {
    for (;;) {
      const [id, next] = [...this.#timers].toSorted(([, a], [, b]) => a.dueMs - b.dueMs)[0] ?? [];
      if (id === undefined || next === undefined || next.dueMs > ms) break;
      this.#timers.delete(id);
      this.nowMs = next.dueMs;
      next.run();
    }
    this.nowMs = ms;
  }
}

const OVER: readonly string[] = ['no-reply', 'silent'];

describe('the watch over a server', () => {
  it('sends and judges when the reaper of a ping and an idle limit does', () => {
    const seen = new Set<string>();
    const lengths = fc.record({
      intervalMs: fc.integer({ min: 1, max: 9 }),
      replyTimeoutMs: fc.integer({ min: 1, max: 9 }),
      silenceMs: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(12), { maxLength: 12 }), (rules, waits) => {
        const clock = new StandingClock();
        const told: string[] = [];
        const watch = new LifeWatch(
          rules,
          clock,
          () => told.push(`${clock.nowMs} beat`),
          (cause) => {
            told.push(`${clock.nowMs} ${cause}`);
            watch.stop();
          },
        );
        const { intervalMs, replyTimeoutMs, silenceMs: timeoutMs } = rules;
        const reaper = compileReaper(
          definePolicy({
            name: 'the-same',
            mechanisms: [
              {
                kind: 'ping',
                intervalMs,
                replyTimeoutMs,
                after: 'last-received',
                life: ['message'],
              },
              { kind: 'idle', timeoutMs },
            ],
          }),
        ).instance();
        const expected: string[] = [];
        reaper.start(0, 0);
        const advance = (ms: number): void => {
          while (reaper.deadlineUs <= ms * 1000) {
            const atMs = reaper.deadlineUs / 1000;
            reaper.advance(reaper.deadlineUs);
            for (const effect of reaper.effects.slice(0, reaper.effectCount)) {
              const ended = effect === ReaperEffect.Reap ? 'no-reply' : 'silent';
              expected.push(`${atMs} ${effect === ReaperEffect.Ping ? 'beat' : ended}`);
            }
          }
        };
        let atMs = 0;
        for (const wait of [...waits, 99]) {
          atMs += wait;
          advance(atMs);
          clock.advanceTo(atMs);
          expect(told).toEqual(expected);
          if (expected.some((line) => OVER.includes(line.split(' ')[1] ?? ''))) break;
          reaper.received(LifeBit.Message | LifeBit.AnyByte, atMs * 1000);
          watch.heard();
        }
        for (const line of told) seen.add(line.split(' ')[1] ?? '');
      }),
      cases(300),
    );
    expect([...seen].toSorted()).toEqual(['beat', ...OVER]);
  });
});

describe('the driver of the reconnecting client', () => {
  const delaysMs: Readonly<Record<string, number>> = {
    backoff: 7,
    connectTimeout: 11,
    stableTime: 13,
  };
  const policy = (maxAttempts: number | null): ReconnectPolicy => ({
    baseMs: 7,
    factor: 1,
    capMs: 7,
    jitterMs: 0,
    maxAttempts,
    connectTimeoutMs: 11,
    stableMs: 13,
  });

  it('steps as the table of its xstate machine', () => {
    const events = reconnectEvents.map((name) => ({ name, event: { type: name } }));
    const limits = [null, 0, 2];
    const tables = new Map(
      limits.map((limit) => [
        limit,
        compileTable<string, string>(reconnectMachine(policy(limit)), { events }),
      ]),
    );
    let steps = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...limits),
        fc.array(fc.nat(19), { minLength: 1, maxLength: 60, size: 'max' }),
        (maxAttempts, draws) => {
          const table = tables.get(maxAttempts) as Table;
          const clock = new StandingClock();
          const done: string[] = [];
          const host: ReconnectHost = {
            openSocket: () => done.push('openSocket'),
            dropSocket: () => done.push('dropSocket'),
            flushQueue: () => done.push('flushQueue'),
            reportRefused: () => done.push('reportRefused'),
            reportGaveUp: () => done.push('reportGaveUp'),
            waits: () => undefined,
            timedOut: () => undefined,
            draw: () => 0,
            askedToWait: () => undefined,
          };
          const driver = new ReconnectDriver(policy(maxAttempts), clock, host);
          let state = table.initial;
          const armed = new Set<string>();
          for (const draw of draws) {
            const delay = [...armed][0];
            // The end comes seldom, so that walks get far.
            const event = draw < 12 ? reconnectEvents[draw % 4] : draw === 12 ? 'STOP' : undefined;
            const name = event ?? delay;
            if (name === undefined) continue;
            if (event === undefined) clock.advanceTo(clock.nowMs + (delaysMs[name] ?? 0));
            else driver.tell(event);
            if (event === undefined) armed.delete(name);
            const cell =
              state * table.events.length + (table.events as readonly string[]).indexOf(name);
            const next = table.next[cell] ?? NO_EDGE;
            const expected: string[] = [];
            if (next !== NO_EDGE) {
              steps += 1;
              state = next;
              for (const effect of table.effectLists[table.effectList[cell] ?? 0] ?? []) {
                if (effect.kind === 'arm') armed.add(effect.delay);
                else if (effect.kind === 'cancel') armed.delete(effect.delay);
                else if (!effect.name.endsWith('Attempts')) expected.push(effect.name);
              }
              if (table.final[state] === 1) armed.clear();
            }
            const attempts = driver.attempts === 0 ? '' : ` attempt=${driver.attempts}`;
            expect(`${driver.state}${attempts}`).toBe(table.states[state]);
            expect(done.splice(0)).toEqual(expected);
            expect(clock.dueMs.length).toBe(armed.size);
          }
        },
      ),
      cases(200),
    );
    expect(steps).toBeGreaterThan(asMany(500));
  });
});
