/** What `lint --json` prints. */
import type { Finding } from '../lint/types.ts';

/** Something that was held against the rules. */
export interface LintedSubject {
  readonly name: string;
  readonly kind: 'policy' | 'chain';
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}

/** Policies and chains, and all that was found, subject by subject, the worst first. */
export interface LintReport {
  readonly schemaVersion: 1;
  readonly subjects: readonly LintedSubject[];
  readonly findings: readonly Finding[];
}
