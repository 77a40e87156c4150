/** A grid of cells asks the same questions over and over: each is answered once. */
import type { PhaseRange } from './episode.ts';
import type { KernelRules } from './kernel-rules.ts';

const remembered = new Map<string, PhaseRange>();

/** Computes a range once per distinct question. */
export function rememberRange(key: string, compute: () => PhaseRange): PhaseRange {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const range = compute();
  remembered.set(key, range);
  return range;
}

/** A question about one kernel. */
export function keyOf(name: string, rules: KernelRules, ...rest: readonly unknown[]): string {
  return JSON.stringify([name, rules, rest]);
}
