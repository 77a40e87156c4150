/**
 * For which policies and scenarios a closed form is a theorem. Elsewhere it is an estimate, and is not stated.
 */
import { lazily } from '../../lazily.ts';
import type { Policy } from '../../policy/types.ts';
import type { Scenario } from '../../scenario/types.ts';
import type { Form, Forms } from '../types.ts';
import { boundDoubt } from './bound.ts';
import { closeDoubt, releaseDoubt } from './release.ts';
import { toleranceDoubt } from './tolerance.ts';
import { factsOf, type Doubt } from './facts.ts';

export type { Doubt } from './facts.ts';

/** What speaks against each of a cell's numbers. */
interface Doubts {
  readonly decided: Doubt;
  /** The descriptor's close, and with it the kernel socket's leaving ESTABLISHED. */
  readonly closed: Doubt;
  readonly released: Doubt;
  readonly tolerance: Doubt;
}

/** What speaks against the closed form of B to the decision. */
export function decidedDoubt(policy: Policy, scenario: Scenario, form: Form): Doubt {
  return boundDoubt(factsOf(policy, scenario), form);
}

/** What speaks against each number of a policy on a scenario. */
export function doubts(policy: Policy, scenario: Scenario, forms: Forms): Doubts {
  const facts = factsOf(policy, scenario);
  const of: Doubts = lazily<Doubts>({
    decided: () => boundDoubt(facts, forms.decided),
    closed: () => of.decided ?? closeDoubt(facts),
    released: () => of.closed ?? releaseDoubt(facts, forms),
    tolerance: () => toleranceDoubt(facts, forms.tolerance),
  });
  return of;
}
