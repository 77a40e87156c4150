/**
 * A machine as a dense table. An actor of xstate makes some hundred thousand steps a second, a lookup in an
 * Int16Array some hundred million. The table is not written by hand and not parsed from a configuration: it is found
 * by walking the machine itself, breadth first, from its initial state, with every event in every state, until nothing
 * new turns up. What is walked is an xstate machine (`xstate.ts`), or a chart of plain data (`chart.ts`).
 *
 *     next[state * events.length + event]      the next state, or NO_EDGE
 *     effectList[state * events.length + event]  index into effectLists: what the host must do, in order
 *
 * Events are the machine's own, as listed by the caller, followed by one per named delay of `after`:
 * a timer's expiry is an event like any other. Within one state a delay's name must mean one timer.
 */
import { assert, InternalError } from '../assert.ts';
import { effectKey, type Effect } from './effects.ts';

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
  /** Tags of each state, sorted. */
  readonly tags: readonly (readonly string[])[];
}

/** An event, whatever it carries. */
export interface AnEvent {
  readonly type: string;
}

/** One column: its name and the event that is sent. */
export interface LabelledEvent<Event extends string = string> {
  readonly name: Event;
  readonly event: AnEvent;
}

/** Where a step leads, and what the host must do. */
export interface Step<Standing> {
  readonly to: Standing;
  readonly effects: readonly Effect[];
}

/** A machine that can be stepped from any state that it was in. */
export interface Walkable<Standing> {
  readonly id: string;
  /** The named delays of `after`, each once. */
  readonly delays: readonly string[];
  readonly first: Step<Standing>;
  /** What expires in the state: a delay's name, and the event that is its expiry. */
  armed(from: Standing): readonly LabelledEvent[];
  /** undefined: it ignores the event. `fired`: the delay whose expiry the event is. */
  step(from: Standing, event: AnEvent, fired: string | undefined): Step<Standing> | undefined;
  /** Different for different states. */
  nameOf(standing: Standing): string;
  isOver(standing: Standing): boolean;
  tagsOf(standing: Standing): readonly string[];
  contextOf(standing: Standing): object;
}

export interface TableOptions<State extends string, Event extends string> {
  readonly events: readonly LabelledEvent<Event>[];
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

interface Exploration<Standing> {
  readonly standings: Standing[];
  readonly names: string[];
  readonly cells: Cell[];
  readonly columns: string[];
}

const MAX_STATES = 2_000;

/**
 * The table of a machine.
 *
 * @throws InternalError when it has more than `maxStates` states; the message names the context field that grows.
 */
export function tabulate<Standing, State extends string = string, Event extends string = string>(
  machine: Walkable<Standing>,
  options: TableOptions<State, Event>,
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
  const byRow = order.map((name) => found.standings[found.names.indexOf(name)] as Standing);
  return {
    id: machine.id,
    states: order as State[],
    events: found.columns as Event[],
    stateIndex: positions(order) as Record<State, number>,
    eventIndex: positions(found.columns) as Record<Event, number>,
    initial: rowOf(0),
    initialEffects: machine.first.effects,
    next,
    effectList,
    effectLists: lists.all,
    final: Uint8Array.from(byRow, (standing) => (machine.isOver(standing) ? 1 : 0)),
    tags: byRow.map((standing) => machine.tagsOf(standing).toSorted()),
  };
}

function explore<Standing>(
  machine: Walkable<Standing>,
  options: TableOptions<string, string>,
): Exploration<Standing> {
  const { maxStates = MAX_STATES } = options;
  const own = options.events.map((labelled) => labelled.name);
  const columns = [...own, ...machine.delays];
  const standings = [machine.first.to];
  const names = [machine.nameOf(machine.first.to)];
  const known = new Map([[names[0], 0]]);
  const cells: Cell[] = [];
  for (let from = 0; from < standings.length; from++) {
    const standing = standings[from] as Standing;
    if (machine.isOver(standing)) continue;
    const armed = machine
      .armed(standing)
      .toSorted((a, b) => columns.indexOf(a.name) - columns.indexOf(b.name));
    for (const { name, event } of eventsIn(armed, options.events)) {
      const step = machine.step(standing, event, own.includes(name) ? undefined : name);
      if (step === undefined) continue;
      const toName = machine.nameOf(step.to);
      let to = known.get(toName);
      if (to === undefined) {
        to = standings.push(step.to) - 1;
        if (to >= maxStates) throw unbounded(machine, standings);
        names.push(toName);
        known.set(toName, to);
      }
      cells.push({ from, event: columns.indexOf(name), to, effects: step.effects });
    }
  }
  return { standings, names, cells, columns };
}

/** The machine's own events and the expiry of each delay that the state has armed. */
function eventsIn(
  armed: readonly LabelledEvent[],
  events: readonly LabelledEvent[],
): LabelledEvent[] {
  const all = [...events];
  for (const expiry of armed) {
    const twin = all.find(({ name }) => name === expiry.name);
    if (twin === undefined) all.push(expiry);
    else {
      const isSame = twin.event.type === expiry.event.type;
      assert(isSame, `delay ${expiry.name} means two timers in one state`);
    }
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
function unbounded<Standing>(
  machine: Walkable<Standing>,
  standings: readonly Standing[],
): InternalError {
  const contexts = standings.map(
    (standing) => new Map(Object.entries(machine.contextOf(standing))),
  );
  let worst = 'none';
  let most = 1;
  for (const field of contexts[0]?.keys() ?? []) {
    const values = new Set(contexts.map((context) => JSON.stringify(context.get(field))));
    if (values.size <= most) continue;
    worst = field;
    most = values.size;
  }
  return new InternalError(
    `machine ${machine.id} has more than ${standings.length - 1} states; ` +
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
