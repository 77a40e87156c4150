/** One line of text per state of a machine: the name of a row in its table. */
import type { AnyMachineSnapshot, StateValue } from 'xstate';

/**
 * `'OPEN'`, `'FIN_WAIT_1.orphan'` for a nested state, `'cadence.counting & reply.quiet'` for a parallel one, and
 * the context fields that differ from the machine's first state behind it: `'waiting attempt=2'`.
 */
export function stateName(snapshot: AnyMachineSnapshot, first: AnyMachineSnapshot): string {
  return (
    valueName(snapshot.value) + contextSuffix(snapshot.context as object, first.context as object)
  );
}

/** The fields that differ from the first state's. */
export function contextSuffix(context: object, first: object): string {
  const initial = new Map<string, unknown>(Object.entries(first));
  return Object.entries(context)
    .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(initial.get(field)))
    .map(([field, value]) => ` ${field}=${JSON.stringify(value)}`)
    .join('');
}

function valueName(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, child]) => {
      const rest = child === undefined ? '' : valueName(child);
      return rest === '' ? key : `${key}.${rest}`;
    })
    .join(' & ');
}
