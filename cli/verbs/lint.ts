/** `lint`: policies and chains of timeouts against every rule → the findings, and whether they may pass. */
import type { Result } from '../../model/issue.ts';
import { lint, severities, type Finding, type Severity } from '../../model/lint/index.ts';
import type { LintReport } from '../../model/results/lint.ts';
import { checkOut, emit, layoutFor } from '../emit.ts';
import { ExitCode, type ExitCodeValue } from '../exit.ts';
import { allOf, parseChoice, unwrap } from '../options.ts';
import type { LintFlags } from '../verb-flags.ts';
import { commandLine } from '../replay.ts';
import { lintSubjectsFor, type Chosen } from '../select.ts';
import type { Terminal } from '../terminal.ts';
import { countsText, findingsText } from '../text/findings.ts';
import { jsonDocument } from '../text/json-document.ts';
import { printable } from '../../text/width.ts';
import { packageVersion } from '../version.ts';

type Allowed = Severity | 'none';

/** What may be found; `--strict` lets no warning pass. */
function parseAllowed({ maxSeverity, strict }: LintFlags): Result<Allowed> {
  const parsed = parseChoice<Allowed>(maxSeverity, '--max-severity', [...severities, 'none']);
  if (!parsed.ok || strict !== true) return parsed;
  const noted = severities.indexOf('note');
  const stricter = parsed.value === 'none' || severities.indexOf(parsed.value) >= noted;
  return stricter ? parsed : { ok: true, value: 'note' };
}

function tooHeavy({ severity }: Finding, allowed: Allowed): boolean {
  return allowed === 'none' || severities.indexOf(severity) < severities.indexOf(allowed);
}

function reportOf(chosen: readonly Chosen<Parameters<typeof lint>[0]>[]): LintReport {
  const linted = chosen.map(({ thing }) => ({ thing, findings: lint(thing) }));
  const subjects = linted.map(({ thing, findings }) => {
    const count = (severity: Severity): number =>
      findings.filter((finding) => finding.severity === severity).length;
    return {
      name: thing.name,
      kind: 'hops' in thing ? ('chain' as const) : ('policy' as const),
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
    };
  });
  return { schemaVersion: 1, subjects, findings: linted.flatMap(({ findings }) => findings) };
}

/** `lint`. */
export function lintVerb(
  words: readonly string[],
  flags: LintFlags,
  terminal: Terminal,
): ExitCodeValue {
  const { chosen, allowed } = unwrap(
    allOf({
      chosen: lintSubjectsFor([...words, ...flags.policy]),
      allowed: parseAllowed(flags),
    }),
  );
  checkOut(flags);
  const report = reportOf(chosen);
  const selectors = chosen.length === 1 || words.length + flags.policy.length > 0;
  const named = selectors ? chosen.map(({ selector }) => selector) : [];
  const repeat = commandLine(['ghostbound', 'lint', ...named, '--max-severity', allowed]);
  const shown = { report, version: packageVersion(), verbose: flags.verbose === true, repeat };
  const layout = layoutFor(flags, terminal);
  emit(flags.json ? jsonDocument(report) : findingsText(shown, layout), flags, terminal);
  if (!report.findings.some((finding) => tooHeavy(finding, allowed))) return ExitCode.Fine;
  // Who reads the text has read what was found and how to repeat it.
  if (!flags.json && flags.out === undefined) return ExitCode.ThresholdFailed;
  const allows = allowed === 'none' ? 'allows nothing' : `allows nothing above ${allowed}`;
  const lines = [`✗ found ${countsText(report)}; --max-severity ${allows}`, `replay: ${repeat}`];
  terminal.err(`${lines.map(printable).join('\n')}\n`);
  return ExitCode.ThresholdFailed;
}
