/** The flags of each verb, as the parser hands them over. */
import type { GridFlags, OutputFlags, SelectionFlags } from './flags.ts';
import type { ThresholdFlags } from './options.ts';
import type { PresentationFlags } from './present.ts';

export interface CompareFlags extends GridFlags, PresentationFlags {
  /** Play this share only. */
  readonly shard?: string;
}

export interface ShowFlags extends OutputFlags {
  readonly seed: string;
}

export interface RunFlags extends OutputFlags, SelectionFlags, ThresholdFlags {
  readonly seed: string;
  readonly index?: string;
  readonly worst?: boolean;
  readonly median?: boolean;
  readonly killed?: boolean;
  readonly runs: string;
  readonly strict?: boolean;
  readonly trace?: string;
  readonly verbose?: boolean;
}

export interface VerifyFlags extends GridFlags, OutputFlags, ThresholdFlags {
  readonly phases: string;
  readonly verbose?: boolean;
}

export interface ReportFlags extends GridFlags, OutputFlags {
  readonly format?: string;
}

export interface ConformFlags extends OutputFlags {
  readonly strict?: boolean;
}

export interface LintFlags extends OutputFlags {
  readonly policy: readonly string[];
  readonly off: readonly string[];
  readonly maxSeverity: string;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

export interface TuneFlags extends OutputFlags {
  readonly maxGhost?: string;
  readonly fault: readonly string[];
  readonly survive: readonly string[];
  readonly pathIdle?: string;
  readonly rtt?: string;
  readonly allow: readonly string[];
  readonly maxOverhead?: string;
  readonly runs: string;
  readonly seed: string;
}
