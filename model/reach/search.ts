/**
 * Which states can be reached: a worklist with inclusion. A state is dropped when one that contains it was seen.
 */
import type { Product } from './product.ts';
import { State } from './state.ts';
import type { Zone } from '../zone.ts';

/** A state that was reached, and how. */
export interface Node {
  readonly state: State;
  /** Number of its discrete state. */
  readonly key: number;
  readonly parent: Node | null;
  /** The timer that went off; 0 = none. */
  readonly fired: number;
}

/** Why a search ended that was allowed no more steps: how many it was allowed in all, who began it knows. */
export const OUT_OF_STEPS = 'out of steps';

/** The exploration was cut off: nothing is proved. */
export class CutOff extends Error {
  constructor() {
    super(OUT_OF_STEPS);
  }
}

/** Why nothing is proved, for people. @param mostWork steps that were allowed in all */
export function reasonWords(because: string, mostWork: number): string {
  return because === OUT_OF_STEPS ? `more than ${mostWork} steps` : because;
}

/** Zones that are kept apart in one discrete state before they are joined into one that contains them all. */
const KEPT_APART = 12;

/** Times that a joined zone may grow before it grows to what is known to hold always. */
const JOINS = 24;

/** The healthy states, as zones that contain all that can be reached. */
export class Reached {
  readonly #keptApart: number;
  readonly #byKey = new Map<string, { zones: Zone[]; joins: number; control: Int32Array }>();

  /** Zones were joined. */
  isJoined = false;

  /** @param keptApart zones that are kept apart in one discrete state before they are joined */
  constructor(keptApart = KEPT_APART) {
    this.#keptApart = keptApart;
  }

  /** Adds a state; what has to be explored in its place, or null where it was seen. */
  add(key: string, state: State, widen: (joined: Zone, before: Zone) => void): State | null {
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = { zones: [], joins: 0, control: state.control };
      this.#byKey.set(key, entry);
    }
    const { zones } = entry;
    for (const zone of zones) if (state.zone.within(zone)) return null;
    if (zones.length < this.#keptApart && entry.joins === 0) {
      entry.zones = zones.filter((zone) => !zone.within(state.zone));
      entry.zones.push(state.zone);
      return state;
    }
    const joined = state.zone.copy();
    for (const zone of zones) joined.join(zone);
    entry.joins += 1;
    this.isJoined = true;
    const [before] = zones;
    if (entry.joins > JOINS && before !== undefined) widen(joined, before);
    // Bounds that have grown are kept as they are: tightened again, they could grow for ever.
    entry.zones = [joined];
    return new State(state.control, closed(joined));
  }

  /** The states that contain all others. */
  states(): State[] {
    return [...this.#byKey.values()].flatMap(({ zones, control }) =>
      zones.map((zone) => new State(control, closed(zone))),
    );
  }
}

/** The same zone, each bound attained. */
function closed(zone: Zone): Zone {
  const copy = zone.copy();
  copy.close();
  return copy;
}

/** How an exploration goes about it. */
export interface Exploring {
  /** Steps that it may cost. */
  readonly mostWork: number;
  /** Makes a state ready to be compared: what no rule tells apart is forgotten. */
  prepare(state: State): void;
  /** A joined zone goes on growing: it grows to what is known to hold always. */
  widen(joined: Zone, before: Zone): void;
  /** Sees every step; false = what follows it is not explored. */
  visit(next: State, fired: number): boolean;
}

/** Explores all that can be reached from `starts`; the number of steps. @throws CutOff */
export function explore(
  product: Product,
  starts: readonly State[],
  reached: Reached,
  how: Exploring,
): number {
  const waiting: State[] = [];
  let work = 0;
  const push = (state: State): void => {
    how.prepare(state);
    const kept = reached.add(state.key(), state, (joined, before) => how.widen(joined, before));
    if (kept !== null) waiting.push(kept);
  };
  for (const start of starts) if (start.end === null) push(start);
  const out: { next: State; fired: number }[] = [];
  let state = waiting.pop();
  while (state !== undefined) {
    product.successors(state, out);
    for (const { next, fired } of out) {
      work += 1;
      if (work > how.mostWork) throw new CutOff();
      if (how.visit(next, fired) && next.end === null) push(next);
    }
    state = waiting.pop();
  }
  return work;
}
