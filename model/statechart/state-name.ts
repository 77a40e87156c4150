/** One line of text per state of a machine: the name of a row in its table. */
import type { AnyMachineSnapshot, StateValue } from 'xstate';

/**
 * `'OPEN'`, `'FIN_WAIT_1.orphan'` for a nested state, `'cadence.counting & reply.quiet'` for a parallel one, and
 * the context fields that differ from the machine's first state behind it: `'waiting attempt=2'`.
 */
export function stateName(snapshot: AnyMachineSnapshot, first: AnyMachineSnapshot): string {
  const context = snapshot.context as Record<string, unknown>;
  const initial = first.context as Record<string, unknown>;
  const fields = Object.keys(context)
    .filter((field) => JSON.stringify(context[field]) !== JSON.stringify(initial[field]))
    .map((field) => ` ${field}=${JSON.stringify(context[field])}`);
  return valueName(snapshot.value) + fields.join('');
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
