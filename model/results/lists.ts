/** What `policies --json` and `scenarios --json` print: everything built in, in full. */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

export interface PolicyList {
  readonly schemaVersion: 1;
  readonly policies: readonly Policy[];
}

export interface ScenarioList {
  readonly schemaVersion: 1;
  readonly scenarios: readonly Scenario[];
}
