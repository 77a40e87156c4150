/** The report of `lint`: every rule held against every subject. Loaded where no earlier run has made it. */
import type { Finding, Severity } from '../../model/lint/index.ts';
import type { RuleOff } from '../../model/policy/types.ts';
import type { LintReport, ReportedFinding } from '../../model/results/lint.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import { lintWith, type LintSubject } from '../../proof/lint/index.ts';
import type { Chosen } from '../arguments/select.ts';
import { showsIt } from '../output/shows-it.ts';

/** @param off rules that are switched off, beside those that a subject itself switches off */
export function reportOf(
  chosen: readonly Chosen<LintSubject>[],
  off: readonly RuleOff[],
  environment: Environment | undefined,
): LintReport {
  const around = environment === undefined ? {} : { environment };
  const linted = chosen.map((subject) => {
    const { findings, suppressed } = lintWith(subject.thing, { off, ...around });
    const withCommand = <F extends Finding>(finding: F): F & ReportedFinding => {
      const command = showsIt(finding, subject);
      return command === undefined ? finding : { ...finding, command };
    };
    return {
      thing: subject.thing,
      findings: findings.map(withCommand),
      suppressed: suppressed.map(withCommand),
    };
  });
  const subjects = linted.map(({ thing, findings, suppressed }) => {
    const count = (severity: Severity): number =>
      findings.filter((finding) => finding.severity === severity).length;
    return {
      name: thing.name,
      kind: 'parties' in thing ? ('stack' as const) : ('policy' as const),
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
      suppressed: suppressed.length,
    };
  });
  return {
    schemaVersion: 1,
    ...around,
    subjects,
    findings: linted.flatMap(({ findings }) => findings),
    suppressed: linted.flatMap(({ suppressed }) => suppressed),
  };
}
