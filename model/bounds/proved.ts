/**
 * For which policies and scenarios a closed form is a theorem. Where it is not, it is an estimate, and is not stated.
 */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Forms } from './types.ts';

/** Why a number is not proved; null = it is. */
export type Doubt = string | null;

/** What speaks against each of a cell's numbers. */
interface Doubts {
  readonly decided: Doubt;
  /** The descriptor's close, and with it the kernel socket's leaving ESTABLISHED. */
  readonly closed: Doubt;
  readonly released: Doubt;
  readonly tolerance: Doubt;
}

/** What speaks against each number of a policy on a scenario. */
export function doubts(_policy: Policy, { path }: Scenario, _forms: Forms): Doubts {
  const lossy = (path.lossPercent ?? 0) > 0;
  const doubt = lossy ? 'on a path that loses packets everything may be lost in a row' : null;
  return { decided: doubt, closed: doubt, released: doubt, tolerance: doubt };
}
