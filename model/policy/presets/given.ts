/** A mechanism that is there only where its setting is not off. */
import type { MechanismInput } from '../types.ts';

/**
 * What a setting makes; nothing where it is off.
 *
 * @example
 * given(30_000, (timeoutMs) => ({ kind: 'idle', timeoutMs })).length // => 1
 * given(null, (timeoutMs) => ({ kind: 'idle', timeoutMs })) // => []
 */
export function given(
  ms: number | null,
  make: (ms: number) => MechanismInput,
): readonly MechanismInput[] {
  return ms === null ? [] : [make(ms)];
}
