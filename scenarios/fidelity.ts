/** Settings of a policy and a scenario that the simulated kernels accept without effect. */
import { kindOf } from '../model/mechanisms/index.ts';
import type { Policy } from '../model/policy/types.ts';
import type { Scenario } from '../model/scenario/types.ts';
import { fidelityWarnings } from '../sim/kernel/capabilities.ts';

/** One sentence per setting of either kernel that is stored without effect. */
function kernelWarnings({ kernel }: Scenario): string[] {
  return fidelityWarnings({ ...kernel.serverSysctls, ...kernel.clientSysctls });
}

/** What of a policy waits for answers to requests of its own. */
function askers({ mechanisms }: Policy): string[] {
  return mechanisms.flatMap((mechanism) => {
    const needs = kindOf(mechanism).needs(mechanism);
    const waits = mechanism.lost === undefined && needs.some(({ what }) => what === 'requests');
    return waits ? [mechanism.kind] : [];
  });
}

/** Whether the policy waits for answers, and the story sends no request: nothing is missed where nothing is asked. */
export function nothingIsAsked(policy: Policy, { story }: Scenario): boolean {
  return story.kind !== 'pool' && askers(policy).length > 0;
}

function unaskedText(policy: Policy, where: string): string {
  const waits = askers(policy).join(' and ');
  return `${waits}: nothing is asked in ${where}, so no answer is missed; a story "pool" asks`;
}

/** One sentence per thing that has no effect in a scenario; empty when there is none. */
export function warningsOf(policy: Policy, scenario: Scenario): string[] {
  const unasked = nothingIsAsked(policy, scenario) ? [unaskedText(policy, scenario.name)] : [];
  return [...kernelWarnings(scenario), ...unasked];
}

/** The same for a whole comparison, each sentence with the scenario or the policy that it is about. */
export function warningsOfAll(
  policies: readonly Policy[],
  scenarios: readonly Scenario[],
): string[] {
  const ofKernels = scenarios.flatMap((scenario) =>
    kernelWarnings(scenario).map((text) => `${scenario.name}: ${text}`),
  );
  const ofPolicies = policies.flatMap((policy) => {
    const unasked = scenarios.filter((scenario) => nothingIsAsked(policy, scenario));
    const [only] = unasked;
    if (only === undefined) return [];
    const where =
      unasked.length === 1 ? only.name : `${unasked.length} of ${scenarios.length} scenarios`;
    return [`${policy.name}: ${unaskedText(policy, where)}`];
  });
  return [...ofKernels, ...ofPolicies];
}
