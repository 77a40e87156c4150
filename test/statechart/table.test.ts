import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { effectKey } from '../../model/statechart/effects.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import type { Table } from '../../model/statechart/table.ts';
import { compileTable } from '../../model/statechart/xstate.ts';

const none = (): void => undefined;

/** A lamp that goes out by itself after 5 s, and counts how often it was lit, up to a limit. */
function lamp(limit: number) {
  return setup({
    types: {
      context: {} as { lit: number },
      events: {} as { type: 'PRESS' } | { type: 'BREAK' } | { type: 'RELIGHT' },
    },
    actions: {
      shine: none,
      darken: none,
      count: assign({ lit: ({ context }) => context.lit + 1 }),
    },
    guards: { fresh: ({ context }) => context.lit < limit },
    delays: { fiveSeconds: 5000 },
  }).createMachine({
    id: 'lamp',
    context: { lit: 0 },
    initial: 'off',
    states: {
      off: { on: { PRESS: { guard: 'fresh', target: 'on', actions: ['count', 'shine'] } } },
      on: {
        tags: ['warm', 'bright'],
        on: {
          PRESS: 'off',
          RELIGHT: { target: 'on', reenter: true },
          BREAK: { target: 'broken', actions: 'darken' },
        },
        after: { fiveSeconds: { target: 'off', actions: 'darken' } },
      },
      broken: { type: 'final' },
    },
  });
}

const events = [
  { name: 'PRESS', event: { type: 'PRESS' } },
  { name: 'BREAK', event: { type: 'BREAK' } },
  { name: 'RELIGHT', event: { type: 'RELIGHT' } },
];

function cell(table: Table, state: string, event: string): string {
  const at =
    (table.stateIndex[state] ?? NaN) * table.events.length + (table.eventIndex[event] ?? NaN);
  const next = table.next[at] ?? NaN;
  if (next === NO_EDGE) return 'ignored';
  const effects = table.effectLists[table.effectList[at] ?? 0] ?? [];
  return [table.states[next], ...effects.map(effectKey)].join(' | ');
}

describe('compileTable', () => {
  const table = compileTable(lamp(2), { events });

  it('finds the states, with the context where it differs from the first', () => {
    expect(table.states).toEqual([
      'off',
      'on lit=1',
      'off lit=1',
      'broken lit=1',
      'on lit=2',
      'off lit=2',
      'broken lit=2',
    ]);
    expect(table.initial).toBe(0);
    expect([...table.final]).toEqual([0, 0, 0, 1, 0, 0, 1]);
    expect(table.tags[1]).toEqual(['bright', 'warm']);
  });

  it('has one column per event and one per named delay', () => {
    expect(table.events).toEqual(['PRESS', 'BREAK', 'RELIGHT', 'fiveSeconds']);
  });

  it('gives effects in order, arms on entry, cancels on exit, and leaves out assignments', () => {
    expect(cell(table, 'off', 'PRESS')).toBe('on lit=1 | shine | arm fiveSeconds');
    expect(cell(table, 'on lit=1', 'PRESS')).toBe('off lit=1 | cancel fiveSeconds');
    expect(cell(table, 'on lit=1', 'BREAK')).toBe('broken lit=1 | cancel fiveSeconds | darken');
  });

  it('does not cancel a timer by its own expiry', () => {
    expect(cell(table, 'on lit=1', 'fiveSeconds')).toBe('off lit=1 | darken');
  });

  it('starts a timer again without cancelling it first', () => {
    expect(cell(table, 'on lit=1', 'RELIGHT')).toBe('on lit=1 | arm fiveSeconds');
  });

  it('marks what the machine ignores, guards included', () => {
    expect(cell(table, 'off', 'BREAK')).toBe('ignored');
    expect(cell(table, 'off', 'fiveSeconds')).toBe('ignored');
    expect(cell(table, 'off lit=2', 'PRESS')).toBe('ignored');
    expect(cell(table, 'broken lit=1', 'PRESS')).toBe('ignored');
  });

  it('names the context field of a machine that never ends', () => {
    expect(() => compileTable(lamp(Infinity), { events, maxStates: 50 })).toThrow(
      /lamp has more than 50 states; context field lit took \d+ values/,
    );
  });

  it('takes the order of rows from a vocabulary and refuses one that is not exact', () => {
    const states = table.states.toReversed();
    const reversed = compileTable(lamp(2), { events, states });
    expect(reversed.states).toEqual(states);
    expect(cell(reversed, 'off', 'PRESS')).toBe(cell(table, 'off', 'PRESS'));
    expect(() => compileTable(lamp(2), { events, states: states.slice(1) })).toThrow(
      /not in the vocabulary: broken lit=2/,
    );
    expect(() => compileTable(lamp(2), { events, states: [...states, 'blue'] })).toThrow(
      /cannot be reached: blue/,
    );
  });
});
