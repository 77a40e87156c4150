/** What `tune` returns and `tune --json` prints. Milliseconds everywhere; null = never, or unbounded. */
import type { MechanismKind, Policy } from '../policy/types.ts';
import type { ComparisonRow, VerificationRow } from './types.ts';

/** What the policy itself causes, per connection and hour of a healthy, idle connection. */
export type Cost = ComparisonRow['cost'];

/** A living peer that must be left alone. */
export interface Survived {
  /** Name of the scenario. */
  readonly scenario: string;
  /** For how long it keeps its silence. */
  readonly silenceMs: number;
}

/** The request as it was understood, defaults filled in. */
export interface TunedRequest {
  readonly maxGhostMs: number;
  /** Names of the faults that must be noticed. */
  readonly faults: readonly string[];
  readonly survive: readonly Survived[];
  /** The shortest idle time on the path; null = nothing on it forgets. */
  readonly pathIdleMs: number | null;
  readonly rttMs: number;
  readonly maxPacketsPerHour: number | null;
  readonly allow: readonly MechanismKind[];
}

/** One demand and how the policy meets it. */
export interface TunedRow {
  readonly scenario: string;
  readonly kind: 'fault' | 'live';
  /** Of a fault the most that B may be, of a living peer the least that T may be. */
  readonly limitMs: number;
  /** B, or T, by closed form. */
  readonly statedMs: number | null;
  readonly by: string;
  readonly formula: string;
  /** Whether the witnesses agree with what is stated. */
  readonly verdict: VerificationRow['verdict'];
}

/** A policy that meets every demand. */
export interface TunedCandidate {
  readonly policy: Policy;
  readonly cost: Cost;
  /** Another one costs no more of anything, and less of something. */
  readonly dominated: boolean;
}

/** A way of finding ghosts that cannot meet every demand. */
export interface TunedRejection {
  /** The mechanisms it is made of, e.g. `keepalive + user-timeout`. */
  readonly family: string;
  readonly reason: string;
}

/** Why no policy exists. */
export interface TunedConflict {
  /** The two demands that exclude each other, as the request states them. */
  readonly between: readonly string[];
  readonly message: string;
  /** What could be met if one demand alone were relaxed; null = relaxing it does not help. */
  readonly nearest: {
    readonly maxGhostMs: number | null;
    /** The longest silence of the conflicting demand. */
    readonly surviveMs: number | null;
  };
}

/** The cheapest policy that meets a request, or why there is none. */
export interface Tuning {
  readonly schemaVersion: 1;
  readonly seed: string;
  /** Random lives per demand. */
  readonly runs: number;
  readonly request: TunedRequest;
  /** null = none exists; `conflict` says why. */
  readonly policy: Policy | null;
  readonly cost: Cost | null;
  readonly rows: readonly TunedRow[];
  /** Every family that meets the demands, the cheapest first. */
  readonly alternatives: readonly TunedCandidate[];
  readonly rejected: readonly TunedRejection[];
  readonly conflict: TunedConflict | null;
}
