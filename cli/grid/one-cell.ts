/** One policy on one story: what the verbs take that play a single cell. */
import type { Result } from '../../model/issue.ts';
import type { Policy } from '../../model/policy/types.ts';
import { inEnvironment, type Environment } from '../../model/scenario/environment.ts';
import { stackOnlyIssues } from '../../model/scenario/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { SelectionFlags } from '../arguments/flags.ts';
import { allOf } from '../arguments/options.ts';
import { cellsAt, oneEnd } from './stack-cells.ts';
import { onePolicyOf, oneScenarioOf } from './swarm.ts';

/** What selects one cell. */
export interface CellFlags extends SelectionFlags {
  readonly seed: string;
}

export interface OneCell {
  readonly policy: Policy;
  readonly scenario: Scenario;
}

/** The policy, or what is effective at one end of a stack, and the story as it happens there. */
export function oneCell(flags: CellFlags, environment: Environment | undefined): Result<OneCell> {
  const story = oneScenarioOf(flags.scenario, flags.seed);
  const isStack = (flags.stack ?? []).length > 0;
  const policy: Result<Policy | undefined> = isStack
    ? { ok: true, value: undefined }
    : onePolicyOf(flags.policy, flags.seed);
  const cell = allOf({ policy, story });
  if (!cell.ok) return cell;
  const placed =
    environment === undefined
      ? ({ ok: true, value: cell.value.story } as const)
      : inEnvironment(cell.value.story, environment);
  if (!placed.ok) return placed;
  if (cell.value.policy === undefined) {
    const end = oneEnd(flags, environment?.rttMs);
    if (!end.ok) return end;
    const cells = cellsAt(end.value, [placed.value]);
    if (!cells.ok) return cells;
    const [scenario = placed.value] = cells.value;
    return { ok: true, value: { policy: end.value.policy, scenario } };
  }
  const stray = stackOnlyIssues(placed.value);
  if (stray.length > 0) return { ok: false, issues: stray };
  return { ok: true, value: { policy: cell.value.policy, scenario: placed.value } };
}
