/**
 * B and T as closed forms: how long a ghost can live under a policy, and the longest silence of a
 * living peer that the policy never mistakes for death. Pure; the same arithmetic for every caller.
 */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Bound, Bounds, Tolerance } from './types.ts';
import { endingsOf, firstEnding } from './compose.ts';
import type { Ending } from './ending.ts';
import { situationOf } from './situation.ts';

export type { Bound, Bounds, Tolerance } from './types.ts';

function boundOf(ending: Ending): Bound {
  const { minMs, maxMs, by, formula, derivation } = ending;
  return { minMs, maxMs, by, formula, derivation };
}

export function bounds(policy: Policy, scenario: Scenario): Bounds {
  const none: Tolerance = { maxMs: null, by: 'nothing', formula: '∞', derivation: '' };
  const unbounded: Bound = {
    minMs: null,
    maxMs: null,
    by: 'nothing',
    formula: '∞',
    derivation: '',
  };
  if (scenario.kind === 'live') {
    return {
      decided: unbounded,
      closed: unbounded,
      kernelClosed: unbounded,
      released: unbounded,
      tolerance: none,
    };
  }
  const decided = boundOf(firstEnding(endingsOf(situationOf(policy, scenario))));
  return { decided, closed: decided, kernelClosed: decided, released: decided, tolerance: none };
}
