/** Lengths that are drawn for each connection, and clocks that wait for a coarser timer. Times in seconds. */
import { describe, expect, it } from 'vitest';
import { LifeBit } from '../../model/reaper/index.ts';
import type { Granularity, Mechanism } from '../../model/policy/types.ts';
import { EngineDriver } from './engine-driver.ts';

const S = 1_000_000;
/** The smallest time there is. */
const TICK = 1 / S;
const PONG = LifeBit.AnyByte | LifeBit.Pong;

const onGrid = (
  everyMs: number,
  direction: Granularity['direction'],
  grid: Granularity['grid'],
) => ({ everyMs, direction, grid });

describe('what is drawn for a connection', () => {
  const centrifuge: Mechanism = {
    kind: 'ping',
    intervalMs: 25_000,
    after: 'last-ping',
    firstMs: 12_500,
    firstJitterMs: 12_500,
    replyTimeoutMs: null,
    replyClock: 'enqueued',
    life: ['pong'],
  };
  const age: Mechanism = { kind: 'age', maxMs: 1_800_000, jitterPercent: 10 };

  it.each([
    // Centrifuge: the first ping after 12.5 s + draw · 12.5 s, the others 25 s apart from there.
    [0, [12.5, 37.5, 62.5]],
    [0.5, [18.75, 43.75, 68.75]],
    [0.999_999_999_999, [24.999_999, 49.999_999, 74.999_999]],
  ])('draw %f: pings at %j', (draw, atS) => {
    const engine = new EngineDriver([centrifuge], 0, 0, draw);
    engine.advance(80 * S);
    expect(engine.log).toEqual(atS.map((s) => `${Math.round(s * S)} ping 0`));
  });

  it.each([
    // 30 min ± 10 %: 27 min, 30 min, just under 33 min.
    [0, 1_620],
    [0.5, 1_800],
    [0.999_999_999_999, 1_980 - TICK],
  ])('draw %f: closed for age at %f s', (draw, closedS) => {
    const engine = new EngineDriver([age], 0, 0, draw);
    engine.advance(3_000 * S);
    expect(engine.log).toEqual([`${Math.round(closedS * S)} close 0`]);
  });

  it('is the middle when the host draws nothing', () => {
    const engine = new EngineDriver([age]);
    expect(engine.reaper.deadlineUs).toBe(1_800 * S);
  });

  it('puts a first ping off by its own time until it has gone out', () => {
    const engine = new EngineDriver([
      { ...centrifuge, after: 'last-received', firstMs: 2_000, firstJitterMs: 1_000 },
    ]);
    // 2 s + half of 1 s after the byte at 1; then 25 s apart.
    engine.tell({ type: 'RECEIVED', lifeBits: LifeBit.AnyByte }, 1 * S);
    engine.advance(30 * S);
    expect(engine.log).toEqual([`${3.5 * S} ping 0`, `${28.5 * S} ping 0`]);
  });
});

describe('a clock that waits for a coarser timer', () => {
  const ping: Mechanism = {
    kind: 'ping',
    intervalMs: 10_000,
    after: 'last-ping',
    replyTimeoutMs: 3_000,
    replyClock: 'enqueued',
    life: ['pong'],
    granularity: onGrid(4_000, 'up', 'connection'),
  };

  it('rounds the ping, from the ping before, and the patience', () => {
    const engine = new EngineDriver([ping]);
    // 10 → 12; 22 → 24; patience 27 → 28.
    engine.advance(12 * S);
    engine.tell({ type: 'RECEIVED', lifeBits: PONG }, 13 * S);
    engine.advance(1000 * S);
    expect(engine.log).toEqual([`${12 * S} ping 0`, `${24 * S} ping 0`, `${28 * S} reap 0`]);
  });

  it('rounds down to the next tick at the earliest', () => {
    const down = { ...ping, granularity: onGrid(4_000, 'down', 'connection') } as const;
    const engine = new EngineDriver([down]);
    engine.advance(1000 * S);
    // 10 → 8; 8 + 3 = 11 → 8 has been: 12.
    expect(engine.log).toEqual([`${8 * S} ping 0`, `${12 * S} reap 0`]);
  });

  it('a late tick counts as made at its tick, but never shortens the patience', () => {
    const engine = new EngineDriver([{ ...ping, intervalMs: 12_000, replyTimeoutMs: 4_000 }]);
    engine.call(12.1 * S);
    // 12.1 + 4 → 20, and not 12 + 4 = 16; the next ping at 12 + 12, not at 12.1 + 12 → 28.
    expect(engine.reaper.deadlineUs).toBe(20 * S);
    engine.tell({ type: 'RECEIVED', lifeBits: PONG }, 13 * S);
    expect(engine.reaper.deadlineUs).toBe(24 * S);
  });

  it('rounds idleness', () => {
    const idle: Mechanism = {
      kind: 'idle',
      timeoutMs: 600_000,
      granularity: onGrid(30_000, 'up', 'process'),
    };
    const engine = new EngineDriver([idle]);
    engine.tell({ type: 'MESSAGE_SENT' }, 31 * S);
    // 631 → 660.
    expect(engine.reaper.deadlineUs).toBe(660 * S);
  });
});
