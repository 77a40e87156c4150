/** What follows from a recording alone is worked out once: a trace is read, never changed, and compared in many ways. */
import type { KernelTrace } from './trace.ts';

/** The function, remembering what it said of each trace. */
export function oncePerTrace<T>(derive: (trace: KernelTrace) => T): (trace: KernelTrace) => T {
  const known = new WeakMap<KernelTrace, { readonly value: T }>();
  return (trace) => {
    const found = known.get(trace) ?? { value: derive(trace) };
    known.set(trace, found);
    return found.value;
  };
}
