/**
 * Drives a machine's real xstate actor and its compiled table with the same events and compares, step by step,
 * the state, the named actions in order, and which timers run. The actor's timers sit in a clock of our own
 * that never advances by itself: a timer's expiry is one of the events.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { createActor } from 'xstate';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { effectKey } from '../../model/statechart/effects.ts';
import { stateName } from '../../model/statechart/state-name.ts';
import { NO_EDGE } from '../../model/statechart/table.ts';
import type { LabelledEvent, Table } from '../../model/statechart/table.ts';

export interface Subject {
  readonly machine: AnyStateMachine;
  readonly table: Table;
  readonly events: readonly LabelledEvent[];
  readonly input?: unknown;
  /** How long each delay runs, ms: different for those that run together, so that a timer is known by it. */
  readonly delaysMs: Readonly<Record<string, number>>;
}

/**
 * Plays the drawn steps on both and compares after each. Half the draws name any column, so that ignored
 * events are tried; the other half choose among the edges of the state, so that walks get far. Returns how many
 * steps left their state or did something.
 */
export function expectSameSteps(subject: Subject, draws: readonly number[]): number {
  const { table } = subject;
  const log: string[] = [];
  const clock = new HeldClock();
  const actor = createActor(recording(subject, log), { input: subject.input, clock });
  actor.start();
  const first = actor.getSnapshot() as AnyMachineSnapshot;
  let state = table.initial;
  const armed = new Set<string>();
  const expected: string[] = [];
  let steps = 0;
  replay(table.initialEffects, armed, expected);
  for (const draw of [undefined, ...draws]) {
    const column = draw === undefined ? -1 : columnOf(table, state, draw);
    const name = table.events[column];
    if (name !== undefined) {
      if (name in subject.delaysMs) {
        if (!armed.has(name)) continue;
        expect(clock.durations()).toContain(subject.delaysMs[name]);
        armed.delete(name);
        clock.fire(subject.delaysMs[name]);
      } else {
        const event = subject.events[column]?.event;
        if (event !== undefined) actor.send(event);
      }
      const cell = state * table.events.length + column;
      const next = table.next[cell] ?? NO_EDGE;
      if (next !== NO_EDGE) {
        steps++;
        state = next;
        replay(table.effectLists[table.effectList[cell] ?? 0] ?? [], armed, expected);
      }
    }
    const snapshot = actor.getSnapshot() as AnyMachineSnapshot;
    expect(table.states[state]).toBe(stateName(snapshot, first));
    expect(table.final[state] === 1).toBe(snapshot.status === 'done');
    expect(expected).toEqual(log);
    if (snapshot.status === 'done') return steps;
    const durations = [...armed].map((delay) => subject.delaysMs[delay]).toSorted();
    expect(durations).toEqual(clock.durations());
  }
  return steps;
}

/** Draws for {@link expectSameSteps}. */
export const drawnSteps = fc.array(fc.nat(9_999), { minLength: 10, maxLength: 60, size: 'max' });

function nextOf(table: Table, state: number, column: number): number {
  return table.next[state * table.events.length + column] ?? NO_EDGE;
}

function columnOf(table: Table, state: number, draw: number): number {
  const width = table.events.length;
  if (draw % 2 === 0) return (draw >> 1) % width;
  const edges = table.events
    .map((_, column) => column)
    .filter((column) => nextOf(table, state, column) !== NO_EDGE);
  // Walks that end are short: most draws avoid the end where they can.
  const onwards = edges.filter((column) => table.final[nextOf(table, state, column)] !== 1);
  const choice = draw % 10 === 9 || onwards.length === 0 ? edges : onwards;
  return choice[(draw >> 1) % choice.length] ?? 0;
}

function replay(effects: Table['initialEffects'], armed: Set<string>, log: string[]): void {
  for (const effect of effects) {
    if (effect.kind === 'arm') armed.add(effect.delay);
    else if (effect.kind === 'cancel') armed.delete(effect.delay);
    else log.push(effectKey(effect));
  }
}

/** The machine with every action that the table names writing into `log`. */
function recording(subject: Subject, log: string[]): AnyStateMachine {
  const names = new Set<string>();
  for (const list of subject.table.effectLists) {
    for (const effect of list) if (effect.kind === 'action') names.add(effect.name);
  }
  const actions = Object.fromEntries(
    [...names].map((name) => [
      name,
      (_: unknown, params: Record<string, unknown> | undefined) =>
        log.push(effectKey({ kind: 'action', name, params })),
    ]),
  );
  return subject.machine.provide({ actions });
}

/** xstate's Clock: holds timers until they are fired by hand. */
class HeldClock {
  readonly #timers = new Map<number, { readonly run: () => void; readonly ms: number }>();
  #ids = 0;

  setTimeout(run: (...args: unknown[]) => void, ms: number): number {
    this.#timers.set(++this.#ids, { run, ms });
    return this.#ids;
  }

  clearTimeout(id: number): void {
    this.#timers.delete(id);
  }

  durations(): number[] {
    return [...this.#timers.values()].map(({ ms }) => ms).toSorted();
  }

  fire(ms: number | undefined): void {
    for (const [id, timer] of this.#timers) {
      if (timer.ms !== ms) continue;
      this.#timers.delete(id);
      timer.run();
      return;
    }
  }
}
