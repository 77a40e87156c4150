/** What `policies --json` and `scenarios --json` print: everything built in, in full. */
import type { Policy } from '../policy/types.ts';
import type { Scenario } from '../scenario/types.ts';

export interface PolicyList {
  readonly schemaVersion: 1;
  readonly policies: readonly Policy[];
}

/** What `policies options NAME --json` prints: a built-in policy as a system with settings. */
export interface PolicyOptions {
  readonly schemaVersion: 1;
  readonly name: string;
  /** Other words that mean it. */
  readonly aliases: readonly string[];
  readonly tags: readonly string[];
  readonly options: readonly PolicyOption[];
}

/** One setting, in the words and units of the system that the policy is from. */
export interface PolicyOption {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  /** What a value looks like, in words. */
  readonly expected: string;
}

export interface ScenarioList {
  readonly schemaVersion: 1;
  readonly scenarios: readonly Scenario[];
}
