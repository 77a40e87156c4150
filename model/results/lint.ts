/** The types of what `lint --json` prints, as its schema says it. */
export type {
  LintedSubject,
  LintReport,
  ReportedFinding,
  SuppressedFinding,
} from './lint-schema.ts';
