/** What `lint --json` prints. */
import type { Finding } from '../lint/types.ts';

/** A finding with the command that plays the life which shows it. */
export interface ReportedFinding extends Finding {
  /** Absent where nothing need be shown: a note. */
  readonly command?: string;
}

/** A finding of a rule that is switched off. */
export interface SuppressedFinding extends ReportedFinding {
  /** Why, as the file or the command line says. */
  readonly because: string;
}

/** Something that was held against the rules. */
export interface LintedSubject {
  readonly name: string;
  readonly kind: 'policy' | 'chain';
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** Findings of rules that are switched off; they are in none of the other counts. */
  readonly suppressed: number;
}

/** Policies and chains, and all that was found, subject by subject, the worst first. */
export interface LintReport {
  readonly schemaVersion: 1;
  readonly subjects: readonly LintedSubject[];
  readonly findings: readonly ReportedFinding[];
  readonly suppressed: readonly SuppressedFinding[];
}
