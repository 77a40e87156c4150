/** xstate: an xstate machine as one that can be stepped, and so compiled; a chart of plain data as an xstate machine. */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { assign, getNextTransitions, initialTransition, raise, setup, transition } from 'xstate';
import type { Chart, Meaning } from './chart.ts';
import { delayNames, readEffects } from './effects.ts';
import { stateName } from './state-name.ts';
import { tabulate, type Table, type TableOptions, type Walkable } from './table.ts';

interface CompileOptions<State extends string, Event extends string> extends TableOptions<
  State,
  Event
> {
  /** The machine's input, where it takes one. */
  readonly input?: unknown;
}

/** Compiles a machine whose actions, guards and delays are all named in `setup()`; throws as {@link tabulate} does. */
export function compileTable<State extends string = string, Event extends string = string>(
  machine: AnyStateMachine,
  options: CompileOptions<State, Event>,
): Table<State, Event> {
  return tabulate(walkable(machine, options.input), options);
}

function walkable(machine: AnyStateMachine, input: unknown): Walkable<AnyMachineSnapshot> {
  const delays = delayNames(machine);
  const [first, firstActions] = initialTransition(machine, input);
  return {
    id: machine.id,
    delays: [...new Set(delays.values())],
    first: { to: first, effects: readEffects(firstActions, delays) },
    armed: (from) =>
      getNextTransitions(from).flatMap(({ eventType }) => {
        const name = delays.get(eventType);
        return name === undefined ? [] : [{ name, event: { type: eventType } }];
      }),
    step(from, event, fired) {
      if (!from.can(event)) return undefined;
      const [to, actions] = transition(machine, from, event);
      return { to, effects: readEffects(actions, delays, fired) };
    },
    nameOf: (standing) => stateName(standing, first),
    isOver: ({ status }) => status !== 'active',
    tagsOf: ({ tags }) => [...tags],
    contextOf: ({ context }) => context as object,
  };
}

/**
 * The chart as an xstate machine, which says what it means.
 *
 * @param delays ms, by name; those that are missing are not known to the machine
 */
export function machineOf<Context extends object>(
  chart: Chart,
  { context, guards, assigns = {} }: Meaning<Context>,
  delays: Readonly<Record<string, number | ((context: Context) => number)>>,
): AnyStateMachine {
  const machine = setup({
    delays: mapped(delays, (delay) =>
      typeof delay === 'number' ? delay : (given: Given) => delay(given.context as Context),
    ),
    guards: mapped(
      guards,
      (says) => (given: Given, params: unknown) =>
        says(given.event as never, params as never, given.context as Context),
    ),
    actions: {
      ...mapped(assigns, (change) => assign((given: Given) => change(given.context as Context))),
      raise: raise((_, event: EventObject) => event),
    },
    // A chart's names are plain text to xstate.
  }).createMachine({ ...chart, context } as never);
  return machine as unknown as AnyStateMachine;
}

/** What xstate gives to a guard, a delay and an assignment. */
interface Given {
  readonly context: object;
  readonly event: EventObject;
}

function mapped<From, To>(
  named: Readonly<Record<string, From>>,
  to: (one: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(named).map(([name, one]) => [name, to(one)]));
}
