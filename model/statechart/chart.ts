/**
 * A statechart as plain data, and its steps: the part of SCXML that the machines of production use (states within
 * states, states beside each other, guards, events that the machine tells itself, named delays), without the 40 kB of
 * xstate. The data is what xstate's `createMachine` takes too, and xstate is what it is held against: a test draws charts and
 * compiles both.
 */
import { assert } from '../assert.ts';
import { addEffect, type Effect } from './effects.ts';
import { contextSuffix } from './state-name.ts';
import { tabulate, type AnEvent, type Table, type TableOptions, type Walkable } from './table.ts';

/** A guard or an action, with what it is told. */
export interface Part {
  readonly type: string;
  readonly params?: unknown;
}

export interface Transition<Guard extends Part = Part, Action extends Part = Part> {
  /** A state beside the one that it is written in; `#chart.state`: one by its path. Missing: the state is not left. */
  readonly target?: string;
  /** Whether it counts as left and entered, too, when it is the target. */
  readonly reenter?: boolean;
  readonly guard?: Guard;
  /** In order. The type `raise`: the event `params` is told to the machine itself, after this step. */
  readonly actions?: Action | readonly Action[];
}

/** Of several, the first whose guard lets it pass; text is a target. */
export type Transitions<Guard extends Part = Part, Action extends Part = Part> =
  string | Transition<Guard, Action> | readonly Transition<Guard, Action>[];

export interface State<Guard extends Part = Part, Action extends Part = Part> {
  readonly type?: 'parallel' | 'final';
  readonly initial?: string;
  /** By event. */
  readonly on?: Readonly<Record<string, Transitions<Guard, Action>>>;
  /** By delay. */
  readonly after?: Readonly<Record<string, Transitions<Guard, Action>>>;
  readonly states?: Readonly<Record<string, State<Guard, Action>>>;
}

/** The whole. */
export interface Chart<Guard extends Part = Part, Action extends Part = Part> extends State<
  Guard,
  Action
> {
  readonly id: string;
}

/** What the names in a chart stand for; an action that is not among `assigns` is the host's. */
export interface Meaning<Context> {
  readonly context: Context;
  /** By type; `never` stands for the events and the parameters of each. */
  readonly guards: Readonly<
    Record<string, (event: never, params: never, context: Context) => boolean>
  >;
  readonly assigns?: Readonly<Record<string, (context: Context) => Context>>;
}

/** Compiles a chart; throws as {@link tabulate} does. */
export function compileChart<Context extends object>(
  chart: Chart,
  meaning: Meaning<Context>,
  options: TableOptions<string, string>,
): Table {
  return tabulate(new Walk(chart, meaning), options);
}

interface Standing<Context> {
  /** Active nodes by their number. */
  readonly active: ReadonlySet<number>;
  readonly context: Context;
}

/** A state of the chart; its number is its place in the order of the chart, parents first. */
interface Node {
  readonly number: number;
  readonly key: string;
  readonly parent: Node | undefined;
  readonly state: State;
  readonly children: Node[];
}

/** A transition that is made, from the state that it is written in. */
interface Chosen extends Transition {
  readonly source: Node;
}

const EXPIRY = 'after ';

class Walk<Context extends object> implements Walkable<Standing<Context>> {
  readonly id: string;
  readonly delays: readonly string[];
  readonly first: { readonly to: Standing<Context>; readonly effects: readonly Effect[] };
  readonly #meaning: Meaning<Context>;
  readonly #nodes: Node[] = [];
  readonly #root: Node;

  constructor(chart: Chart, meaning: Meaning<Context>) {
    this.id = chart.id;
    this.#meaning = meaning;
    this.#root = this.#add(chart, chart.id, undefined);
    this.delays = [...new Set(this.#nodes.flatMap(({ state }) => Object.keys(state.after ?? {})))];
    const active = new Set<number>();
    enter(this.#root, active);
    const effects: Effect[] = [];
    for (const node of this.#nodes) {
      if (!active.has(node.number)) continue;
      arm(node, (effect) => {
        effects.push(effect);
      });
    }
    this.first = { to: { active, context: meaning.context }, effects };
  }

  #add(state: State, key: string, parent: Node | undefined): Node {
    const node: Node = { number: this.#nodes.length, key, parent, state, children: [] };
    this.#nodes.push(node);
    for (const [name, child] of Object.entries(state.states ?? {})) {
      node.children.push(this.#add(child, name, node));
    }
    return node;
  }

  armed({ active }: Standing<Context>) {
    return this.#nodes.flatMap(({ number, state }) =>
      active.has(number)
        ? Object.keys(state.after ?? {}).map((name) => ({
            name,
            event: { type: `${EXPIRY}${number} ${name}` },
          }))
        : [],
    );
  }

  step(from: Standing<Context>, event: AnEvent, fired: string | undefined) {
    const effects: Effect[] = [];
    const told: AnEvent[] = [event];
    let to = from;
    let isHeard = false;
    for (let next = told.shift(); next !== undefined; next = told.shift()) {
      const chosen = this.#chosen(this.#root, to, next);
      isHeard ||= chosen.some(
        ({ target, actions = [] }) => target !== undefined || many(actions).length > 0,
      );
      if (!isHeard) return undefined;
      to = this.#made(chosen, to, told, (effect) => {
        addEffect(effects, effect, fired);
      });
      if (this.isOver(to)) break;
    }
    return { to, effects };
  }

  /** The innermost states decide; of states beside each other, each. */
  #chosen(node: Node, standing: Standing<Context>, event: AnEvent): Chosen[] {
    const within = node.children
      .filter(({ number }) => standing.active.has(number))
      .flatMap((child) => this.#chosen(child, standing, event));
    if (within.length > 0) return within;
    const found = transitionsOf(node, event.type).find(({ guard }) =>
      this.#passes(guard, event, standing),
    );
    return found === undefined ? [] : [{ ...found, source: node }];
  }

  #passes(guard: Part | undefined, event: AnEvent, { context }: Standing<Context>): boolean {
    if (guard === undefined) return true;
    const says = this.#meaning.guards[guard.type];
    assert(says !== undefined, `no guard is called ${guard.type}`);
    return says(event as never, guard.params as never, context);
  }

  #made(
    chosen: readonly Chosen[],
    from: Standing<Context>,
    told: AnEvent[],
    does: (effect: Effect) => void,
  ): Standing<Context> {
    const made: Chosen[] = [];
    const left = new Set<number>();
    for (const one of chosen) {
      const leaves = this.#leftBy(one, from);
      // Two that would leave the same state contradict each other: the first is made.
      if (leaves.some((number) => left.has(number))) continue;
      for (const number of leaves) left.add(number);
      made.push(one);
    }
    const active = new Set(from.active);
    for (const { number, state } of this.#nodes.toReversed()) {
      if (!left.has(number)) continue;
      for (const delay of Object.keys(state.after ?? {})) does({ kind: 'cancel', delay });
      active.delete(number);
    }
    let { context } = from;
    for (const { type, params } of made.flatMap(({ actions = [] }) => many(actions))) {
      const assign = this.#meaning.assigns?.[type];
      if (type === 'raise') told.push(params as AnEvent);
      else if (assign !== undefined) context = assign(context);
      else {
        does({ kind: 'action', name: type, params: params as Record<string, unknown> | undefined });
      }
    }
    const entered = new Set<number>();
    for (const { source, target, reenter } of made) {
      if (target === undefined) continue;
      const end = this.#find(source, target);
      enterThrough(end, domainOf(source, end, reenter), entered);
    }
    for (const node of this.#nodes) {
      if (!entered.has(node.number)) continue;
      arm(node, does);
      active.add(node.number);
    }
    return { active, context };
  }

  /** What the transition leaves of what is active. */
  #leftBy({ source, target, reenter }: Chosen, { active }: Standing<Context>): number[] {
    if (target === undefined) return [];
    const domain = domainOf(source, this.#find(source, target), reenter);
    return this.#nodes
      .filter((node) => active.has(node.number) && node !== domain && isWithin(node, domain))
      .map(({ number }) => number);
  }

  /** `state` is beside the one that the transition is written in; `#chart.state.inner` is a path. */
  #find(source: Node, target: string): Node {
    const [from, path] = target.startsWith('#')
      ? [this.#root, target.split('.').slice(1)]
      : [source.parent, [target]];
    const found = path.reduce<Node | undefined>(
      (node, key) => node?.children.find((child) => child.key === key),
      from,
    );
    assert(found !== undefined, `chart ${this.id} has no state ${target} beside ${source.key}`);
    return found;
  }

  nameOf({ active, context }: Standing<Context>): string {
    return nameBelow(this.#root, active) + contextSuffix(context, this.#meaning.context);
  }

  isOver({ active }: Standing<Context>): boolean {
    return this.#root.children.some(
      ({ number, state }) => state.type === 'final' && active.has(number),
    );
  }

  tagsOf(): readonly string[] {
    return [];
  }

  contextOf({ context }: Standing<Context>): object {
    return context;
  }
}

function many<One>(one: One | readonly One[]): readonly One[] {
  return Array.isArray(one) ? (one as readonly One[]) : [one as One];
}

function transitionsOf({ number, state }: Node, event: string): readonly Transition[] {
  const { on = {}, after = {} } = state;
  const expiry = `${EXPIRY}${number} `;
  const written = event.startsWith(expiry) ? after[event.slice(expiry.length)] : on[event];
  if (written === undefined) return [];
  return typeof written === 'string' ? [{ target: written }] : many(written);
}

function isWithin(node: Node | undefined, whole: Node): boolean {
  for (let at = node; at !== undefined; at = at.parent) if (at === whole) return true;
  return false;
}

/** The innermost state that stays active throughout (SCXML's transition domain). */
function domainOf(source: Node, target: Node, reenter = false): Node {
  if (!reenter && isWithin(target, source)) return source;
  let domain = target.parent;
  while (domain !== undefined && !isWithin(source.parent, domain)) domain = domain.parent;
  assert(domain !== undefined, `${source.key} cannot be entered anew`);
  return domain;
}

/** Adds the state and, below it, what is entered with it. */
function enter(node: Node, entered: Set<number>): void {
  entered.add(node.number);
  enterBelow(node, entered);
}

function enterBelow({ state, children }: Node, entered: Set<number>): void {
  for (const child of children) {
    if (state.type === 'parallel' || child.key === state.initial) enter(child, entered);
  }
}

/** Adds what is entered on the way from a domain to a target. */
function enterThrough(target: Node, domain: Node, entered: Set<number>): void {
  if (target === domain) enterBelow(target, entered);
  else enter(target, entered);
  let at = target;
  while (at !== domain && at.parent !== undefined) {
    at = at.parent;
    if (at !== domain) entered.add(at.number);
    if (at.state.type !== 'parallel') continue;
    for (const beside of at.children) {
      if (!holdsAny(beside, entered)) enter(beside, entered);
    }
  }
}

function holdsAny(node: Node, entered: ReadonlySet<number>): boolean {
  return entered.has(node.number) || node.children.some((child) => holdsAny(child, entered));
}

function arm({ state }: Node, does: (effect: Effect) => void): void {
  for (const delay of Object.keys(state.after ?? {})) does({ kind: 'arm', delay });
}

function nameBelow(node: Node, active: ReadonlySet<number>): string {
  return node.children
    .filter(({ number }) => active.has(number))
    .map((child) => {
      const rest = nameBelow(child, active);
      return rest === '' ? child.key : `${child.key}.${rest}`;
    })
    .join(' & ');
}
