/**
 * An xstate machine as a dense table. xstate is the specification; an actor of it makes some hundred
 * thousand steps a second, a lookup in an Int16Array some hundred million. The table is not written by
 * hand and not parsed from the configuration: it is found by walking the machine itself, breadth
 * first, from its initial state, with every event in every state, until nothing new turns up.
 *
 *     next[state * events.length + event]      the next state, or NO_EDGE
 *     effectList[state * events.length + event]  index into effectLists: what the host must do, in order
 *
 * Events are the machine's own, as listed by the caller, followed by one per named delay of `after`:
 * a timer's expiry is an event like any other. Within one state a delay's name must mean one timer.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { getNextTransitions, initialTransition, transition } from 'xstate';
import { assert, InternalError } from '../assert.ts';
import { delayNames, effectKey, readEffects } from './effects.ts';
import type { DelayNames, Effect } from './effects.ts';
import { stateName } from './state-name.ts';

/** In `next`: the machine ignores this event in this state. */
export const NO_EDGE = -1;

/** A compiled machine; see the head of this file for the layout. */
export interface Table<State extends string = string, Event extends string = string> {
  readonly id: string;
  readonly states: readonly State[];
  readonly events: readonly Event[];
  /** Position in `states` by name. */
  readonly stateIndex: Readonly<Record<State, number>>;
  /** Position in `events` by name. */
  readonly eventIndex: Readonly<Record<Event, number>>;
  readonly initial: number;
  readonly initialEffects: readonly Effect[];
  readonly next: Int16Array;
  readonly effectList: Uint16Array;
  /** List 0 is empty. */
  readonly effectLists: readonly (readonly Effect[])[];
  /** 1 for a final state. */
  readonly final: Uint8Array;
  /** xstate tags of each state, sorted. */
  readonly tags: readonly (readonly string[])[];
}

/** One column: its name and the event that is sent. */
export interface LabelledEvent<Event extends string = string> {
  readonly name: Event;
  readonly event: EventObject;
}

export interface CompileOptions<State extends string, Event extends string> {
  readonly events: readonly LabelledEvent<Event>[];
  /** The machine's input, where it takes one. */
  readonly input?: unknown;
  /** Order of the rows; must be exactly the states found. Absent: the order in which they were found. */
  readonly states?: readonly State[];
  /** Above this many states the machine is taken to be unbounded. */
  readonly maxStates?: number;
}

interface Cell {
  readonly from: number;
  readonly event: number;
  readonly to: number;
  readonly effects: readonly Effect[];
}

interface Exploration {
  readonly snapshots: AnyMachineSnapshot[];
  readonly names: string[];
  readonly cells: Cell[];
  readonly columns: string[];
  readonly initialEffects: readonly Effect[];
}

const MAX_STATES = 2_000;

/**
 * Compiles a machine whose actions, guards and delays are all named in `setup()`.
 *
 * @throws InternalError when the machine has more than `maxStates` states; the message names the context
 * field that grows.
 */
export function compileTable<State extends string = string, Event extends string = string>(
  machine: AnyStateMachine,
  options: CompileOptions<State, Event>,
): Table<State, Event> {
  const found = explore(machine, options);
  const order = rowOrder(found.names, options.states);
  const width = found.columns.length;
  const next = new Int16Array(found.names.length * width).fill(NO_EDGE);
  const effectList = new Uint16Array(next.length);
  const lists = new EffectLists();
  const row = new Map(order.map((name, index) => [name, index]));
  const rowOf = (found_: number): number => row.get(found.names[found_] ?? '') ?? NO_EDGE;
  for (const cell of found.cells) {
    const at = rowOf(cell.from) * width + cell.event;
    next[at] = rowOf(cell.to);
    effectList[at] = lists.indexOf(cell.effects);
  }
  const byRow = order.map((name) => found.snapshots[found.names.indexOf(name)]);
  return {
    id: machine.id,
    states: order as State[],
    events: found.columns as Event[],
    stateIndex: positions(order) as Record<State, number>,
    eventIndex: positions(found.columns) as Record<Event, number>,
    initial: rowOf(0),
    initialEffects: found.initialEffects,
    next,
    effectList,
    effectLists: lists.all,
    final: Uint8Array.from(byRow, (snapshot) => (snapshot?.status === 'done' ? 1 : 0)),
    tags: byRow.map((snapshot) => [...(snapshot?.tags ?? [])].toSorted()),
  };
}

function explore(machine: AnyStateMachine, options: CompileOptions<string, string>): Exploration {
  const delays = delayNames(machine);
  const maxStates = options.maxStates ?? MAX_STATES;
  const own = options.events.map((labelled) => labelled.name);
  const columns = [...own, ...new Set(delays.values())];
  const [first, firstActions] = initialTransition(machine, options.input);
  const snapshots: AnyMachineSnapshot[] = [first];
  const names = [stateName(first, first)];
  const known = new Map([[names[0], 0]]);
  const cells: Cell[] = [];
  for (let from = 0; from < snapshots.length; from++) {
    const snapshot = snapshots[from];
    assert(snapshot !== undefined, 'the walk lost a state');
    if (snapshot.status !== 'active') continue;
    for (const { name, event } of eventsIn(snapshot, options.events, delays)) {
      if (!snapshot.can(event)) continue;
      const [after, actions] = transition(machine, snapshot, event);
      const afterName = stateName(after, first);
      let to = known.get(afterName);
      if (to === undefined) {
        to = snapshots.push(after) - 1;
        if (to >= maxStates) throw unbounded(machine, snapshots);
        names.push(afterName);
        known.set(afterName, to);
      }
      const fired = own.includes(name) ? undefined : name;
      const effects = readEffects(actions, delays, fired);
      cells.push({ from, event: columns.indexOf(name), to, effects });
    }
  }
  return { snapshots, names, cells, columns, initialEffects: readEffects(firstActions, delays) };
}

/** The machine's own events and the expiry of each delay that the state has armed. */
function eventsIn(
  snapshot: AnyMachineSnapshot,
  events: readonly LabelledEvent[],
  delays: DelayNames,
): LabelledEvent[] {
  const all = [...events];
  for (const { eventType } of getNextTransitions(snapshot)) {
    const delay = delays.get(eventType);
    if (delay === undefined) continue;
    const twin = all.find((labelled) => labelled.name === delay);
    if (twin === undefined) all.push({ name: delay, event: { type: eventType } });
    else assert(twin.event.type === eventType, `delay ${delay} means two timers in one state`);
  }
  return all;
}

function rowOrder(
  found: readonly string[],
  wanted: readonly string[] | undefined,
): readonly string[] {
  if (wanted === undefined) return found;
  const strange = found.filter((name) => !wanted.includes(name));
  const missing = wanted.filter((name) => !found.includes(name));
  assert(strange.length === 0, `states not in the vocabulary: ${strange.join(', ')}`);
  assert(missing.length === 0, `states that cannot be reached: ${missing.join(', ')}`);
  return wanted;
}

function positions(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, index) => [name, index]));
}

/** Names the context field with the most different values: the one that makes the walk endless. */
function unbounded(
  machine: AnyStateMachine,
  snapshots: readonly AnyMachineSnapshot[],
): InternalError {
  const fields = Object.keys(snapshots[0]?.context ?? {});
  let worst = 'none';
  let most = 1;
  for (const field of fields) {
    const values = new Set(snapshots.map(({ context }) => JSON.stringify(context[field])));
    if (values.size <= most) continue;
    worst = field;
    most = values.size;
  }
  return new InternalError(
    `machine ${machine.id} has more than ${snapshots.length - 1} states; ` +
      `context field ${worst} took ${most} values and does not stop growing`,
  );
}

/** Interns equal lists of effects. */
class EffectLists {
  readonly all: (readonly Effect[])[] = [[]];
  readonly #byKey = new Map<string, number>([['', 0]]);

  indexOf(effects: readonly Effect[]): number {
    const key = effects.map(effectKey).join('; ');
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.all.push(effects) - 1;
      this.#byKey.set(key, index);
    }
    return index;
  }
}
