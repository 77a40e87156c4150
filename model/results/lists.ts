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
  /** Under which conditions the system does this. */
  readonly assumes: readonly string[];
  readonly runtime: PolicyRuntime;
  /** What the system does and the policy does not say. */
  readonly notModelled: readonly string[];
  readonly options: readonly PolicyOption[];
}

/** What opens the sockets, and the socket options that it sets by itself. */
export interface PolicyRuntime {
  readonly name: string;
  readonly sets: string;
  readonly source: string;
}

/** One setting, in the words and units of the system that the policy is from. */
export interface PolicyOption {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  /** What a value looks like, in words. */
  readonly expected: string;
  /** What its values are measured in; of a time, the unit of a bare number. */
  readonly unit: string;
  /** From the smallest to the largest that somebody would choose, in ms, bytes or pieces; null = no such range. */
  readonly plausible: { readonly least: number; readonly most: number } | null;
}

export interface ScenarioList {
  readonly schemaVersion: 1;
  readonly scenarios: readonly Scenario[];
}
