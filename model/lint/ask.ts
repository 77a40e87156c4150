/**
 * The policy asked by its own bounds: what becomes of a ghost, and of a living peer, under a load. Only what is proved
 * is a number; a rule takes the rest from the lives that it has played.
 */
import { allOf, type MechanismKind, type MechanismOf } from '../mechanisms/index.ts';
import { bounds, survives as survivesShorter, type Bounds } from '../bounds/index.ts';
import type { Mechanism, Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import type { PolicySubject } from './subject.ts';

/** What was asked of a policy, by the cell: rules ask the same of it under other names and for other watches. */
const asked = new WeakMap<Policy, Map<string, Bounds>>();

function boundsOf(policy: Policy, scenario: Scenario): Bounds {
  const known = asked.get(policy) ?? new Map<string, Bounds>();
  asked.set(policy, known);
  const cell = JSON.stringify({ ...scenario, name: '', title: '', watchMs: 0 });
  const stated = known.get(cell) ?? bounds(policy, scenario);
  known.set(cell, stated);
  return stated;
}

/** B to the decision; undefined = not proved; null = unbounded. */
export function ghostMs(policy: Policy, scenario: Scenario): number | null | undefined {
  const { decided } = boundsOf(policy, scenario);
  return decided.proved ? decided.maxMs : undefined;
}

/** What ends a ghost at the latest, where that is proved. */
export function foundBy(policy: Policy, scenario: Scenario): string | undefined {
  const { decided } = boundsOf(policy, scenario);
  return decided.proved ? decided.by : undefined;
}

/** Whether every silence of the scenario's kind and length is proved to be survived. A T of 0 promises nothing. */
export function survives(policy: Policy, scenario: Scenario, lengthMs: number): boolean {
  return survivesShorter(policy, scenario, lengthMs + 1);
}

/** A mechanism whose timer has stopped. */
export function lost<M extends Mechanism>(mechanism: M): M {
  return { ...mechanism, lost: 'timer' };
}

/** The same policy with another mechanism in the place of one. */
export function withMechanism(
  policy: Policy,
  index: number,
  change: (mechanism: Mechanism) => Mechanism,
): Policy {
  const mechanisms = policy.mechanisms.map((one, i) => (i === index ? change(one) : one));
  return { ...policy, mechanisms };
}

/** Index of the first mechanism of a kind that acts; -1 = there is none. */
export function indexOf({ policy }: PolicySubject, kind: string): number {
  return policy.mechanisms.findIndex((one) => one.kind === kind && one.lost === undefined);
}

/** The first mechanism of a kind that works; undefined where there is none. */
export function working<K extends MechanismKind>(
  { policy }: PolicySubject,
  kind: K,
): MechanismOf<K> | undefined {
  return allOf(kind, policy.mechanisms).find(({ lost }) => lost === undefined);
}

/** Index of what ended a connection; undefined where it is none of the mechanisms. */
export function indexOfEnding(subject: PolicySubject, by: string): number | undefined {
  const kinds = by.startsWith('kernel ') ? ['user-timeout', 'keepalive'] : [by];
  const index = kinds.map((kind) => indexOf(subject, kind)).find((one) => one >= 0);
  return index;
}
