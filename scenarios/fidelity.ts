/** What of a scenario's kernels the simulation accepts and does not follow. */
import type { Scenario } from '../model/scenario/types.ts';
import { fidelityWarnings } from '../sim/kernel/capabilities.ts';

/** One sentence per setting of either kernel that is stored without effect; empty when there is none. */
export function warningsOf({ kernel }: Scenario): string[] {
  return fidelityWarnings({ ...kernel.serverSysctls, ...kernel.clientSysctls });
}

/** The same for all scenarios of a comparison, each sentence with the scenario that it is about. */
export function warningsOfAll(scenarios: readonly Scenario[]): string[] {
  return scenarios.flatMap((scenario) =>
    warningsOf(scenario).map((text) => `${scenario.name}: ${text}`),
  );
}
