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
export function doubts(_policy: Policy, scenario: Scenario, _forms: Forms): Doubts {
  const lossy = (scenario.path.lossPercent ?? 0) > 0;
  const doubt = lossy
    ? 'on a path that loses packets everything may be lost in a row'
    : answeredQuery(scenario);
  return { decided: doubt, closed: doubt, released: doubt, tolerance: doubt };
}

/** A query of a pool that meets somebody: a kernel that resets it, or a host that wakes. */
function answeredQuery(scenario: Scenario): Doubt {
  if (scenario.kind === 'live' || scenario.story.kind !== 'pool') return null;
  const { kind } = scenario.fault;
  const answers = kind === 'crash' || kind === 'half-close' || kind === 'host-sleep';
  return answers ? 'what the first query meets at the other end has no closed form' : null;
}
