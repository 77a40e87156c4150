/** For which policies and scenarios a closed form of T is a theorem. Elsewhere it is an estimate, and is not stated. */
import type { Policy } from '../../policy/types.ts';
import type { Scenario } from '../../scenario/types.ts';
import type { ToleranceForm } from '../types.ts';
import { factsOf, type Doubt } from './facts.ts';
import { doubtOf } from './tolerance.ts';

/** What speaks against the closed form of T of a policy on a scenario. */
export function toleranceDoubt(policy: Policy, scenario: Scenario, form: ToleranceForm): Doubt {
  return doubtOf(factsOf(policy, scenario), form);
}
