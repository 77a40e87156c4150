/** Which timers run in each state of a table, found by following every edge; a contradiction between two ways fails. */
import { expect } from 'vitest';
import type { Effect } from '../../model/statechart/effects.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import type { Table } from '../../model/statechart/table.ts';

/** Changes the set of running timers as the effect says. */
export type TimerReading = (effect: Effect, running: Set<string>) => void;

/** `after` timers. */
export const afterTimers: TimerReading = (effect, running) => {
  if (effect.kind === 'arm') running.add(effect.delay);
  else if (effect.kind === 'cancel') running.delete(effect.delay);
};

/** Running timers by state name, sorted. */
export function runningTimers(table: Table, read: TimerReading): Map<string, string[]> {
  const found = new Map<number, string[]>();
  const begin = new Set<string>();
  for (const effect of table.initialEffects) read(effect, begin);
  found.set(table.initial, [...begin].toSorted());
  const queue = [table.initial];
  for (const from of queue) {
    for (let column = 0; column < table.events.length; column++) {
      const cell: number = from * table.events.length + column;
      const to = table.next[cell] ?? NO_EDGE;
      if (to === NO_EDGE) continue;
      const running = new Set(found.get(from));
      running.delete(table.events[column] ?? '');
      for (const effect of table.effectLists[table.effectList[cell] ?? 0] ?? [])
        read(effect, running);
      const timers = [...running].toSorted();
      const known = found.get(to);
      if (known === undefined) {
        found.set(to, timers);
        queue.push(to);
      } else if (table.final[to] !== 1) {
        expect(
          timers,
          `${table.states[from]} --${table.events[column]}--> ${table.states[to]}`,
        ).toEqual(known);
      }
    }
  }
  return new Map([...found].map(([state, timers]) => [table.states[state] ?? '', timers]));
}

/** States that are not final and in which no timer runs. */
export function statesWithoutDeadline(table: Table, read: TimerReading): string[] {
  const timers = runningTimers(table, read);
  return table.states.filter(
    (name, state) => table.final[state] !== 1 && timers.get(name)?.length === 0,
  );
}
