/**
 * What one step of an xstate machine asks its host to do, reduced to data: named actions, and delays
 * armed or cancelled. xstate reports the timers of `after` as `xstate.raise` with a delay and
 * `xstate.cancel`; their ids are `xstate.after.<delay>.<state node>`, which are mapped back to the
 * delay's name here.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { assert } from '../assert.ts';

/** One effect of a step. Two effects are the same when their {@link effectKey} is. */
export type Effect =
  | {
      readonly kind: 'action';
      readonly name: string;
      /** The action's `params`, numbers and strings only. */
      readonly params: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly kind: 'arm'; readonly delay: string }
  | { readonly kind: 'cancel'; readonly delay: string };

/** The part of xstate's executable action that is read. */
interface ExecutableAction {
  readonly type: string;
  readonly params: unknown;
}

/** Event type of every `after` of the machine → name of its delay. */
export type DelayNames = ReadonlyMap<string, string>;

/** Collects the delays of all state nodes. */
export function delayNames(machine: AnyStateMachine): DelayNames {
  const names = new Map<string, string>();
  const visit = (node: AnyStateNode): void => {
    for (const transition of node.after) names.set(transition.eventType, String(transition.delay));
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return names;
}

/** Reads the executable actions of one step; `fired` as for {@link addEffect}. */
export function readEffects(
  actions: readonly ExecutableAction[],
  delays: DelayNames,
  fired?: string,
): Effect[] {
  const effects: Effect[] = [];
  for (const action of actions) {
    const effect = readEffect(action, delays);
    if (effect !== undefined) addEffect(effects, effect, fired);
  }
  return effects;
}

/**
 * One more effect of a step. `fired` is the delay whose expiry is the step's event: leaving the state cancels it,
 * which is no effect, for it is gone already. A delay cancelled and armed again in one step is armed: a timer has one
 * due time.
 */
export function addEffect(effects: Effect[], effect: Effect, fired: string | undefined): void {
  if (effect.kind === 'cancel' && effect.delay === fired) return;
  if (effect.kind === 'arm') removeCancel(effects, effect.delay);
  effects.push(effect);
}

function readEffect(action: ExecutableAction, delays: DelayNames): Effect | undefined {
  const params = (action.params ?? {}) as Record<string, unknown>;
  if (action.type === 'xstate.cancel') {
    return { kind: 'cancel', delay: delayOf(params['sendId'], delays) };
  }
  if (action.type === 'xstate.raise') {
    // Without a delay it is an internal event, already handled within the step.
    if (params['delay'] === undefined) return undefined;
    return { kind: 'arm', delay: delayOf(params['id'], delays) };
  }
  assert(!action.type.startsWith('xstate.'), `${action.type} cannot be compiled into a table`);
  return {
    kind: 'action',
    name: action.type,
    params: action.params === undefined ? undefined : params,
  };
}

function delayOf(id: unknown, delays: DelayNames): string {
  const name = delays.get(String(id));
  assert(name !== undefined, `timer ${String(id)} belongs to no named delay`);
  return name;
}

function removeCancel(effects: Effect[], delay: string): void {
  const at = effects.findIndex((effect) => effect.kind === 'cancel' && effect.delay === delay);
  if (at >= 0) effects.splice(at, 1);
}

/** Text that is equal for equal effects; also how the docs print them. */
export function effectKey(effect: Effect): string {
  if (effect.kind === 'arm') return `arm ${effect.delay}`;
  if (effect.kind === 'cancel') return `cancel ${effect.delay}`;
  if (effect.params === undefined) return effect.name;
  return `${effect.name}(${Object.values(effect.params).join(', ')})`;
}
