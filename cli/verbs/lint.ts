/** `lint`: policies and stacks against every rule → the findings, and whether they may pass. */
import type { Result } from '../../model/issue.ts';
import { severities, type Finding, type Severity } from '../../model/lint/types.ts';
import type { Environment } from '../../model/scenario/environment.ts';
import type { RuleOff } from '../../model/policy/types.ts';
import type { LintReport } from '../../model/results/lint.ts';
import type { LintSubject } from '../../proof/lint/index.ts';
import { knownAnswers, type CacheFlags } from '../cache/known-answers.ts';
import { checkOut, emit, layoutFor } from '../output/emit.ts';
import { environmentWords, parseEnvironment } from '../arguments/environment.ts';
import { ExitCode, type ExitCodeValue } from '../terminal/exit.ts';
import { allOf, allOfList, parseChoice, unwrap } from '../arguments/options.ts';
import { commandLine, repeated } from '../arguments/replay.ts';
import type { Chosen } from '../arguments/select.ts';
import { lintSubjectsFor } from '../arguments/stacks.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countsText, findingsText } from '../text/findings.ts';
import { jsonDocument } from '../text/json-document.ts';
import { printable } from '../../text/width.ts';
import { packageVersion } from '../terminal/version.ts';
import type { EnvironmentFlags, OutputFlags } from '../arguments/flags.ts';

/** The flags as typed. */
export interface LintFlags extends OutputFlags, EnvironmentFlags, CacheFlags {
  readonly policy: readonly string[];
  readonly stack: readonly string[];
  readonly off: readonly string[];
  readonly maxSeverity: string;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

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

/** `--off RULE=REASON`. */
function parseOff(texts: readonly string[]): Result<readonly RuleOff[]> {
  return allOfList(
    texts.map((text): Result<RuleOff> => {
      const at = text.indexOf('=');
      const because = text.slice(at + 1).trim();
      if (at > 0 && because !== '') {
        return { ok: true, value: { rule: text.slice(0, at).trim(), because } };
      }
      const expected = 'the name of a rule and a reason: RULE=REASON';
      const received = JSON.stringify(text);
      return { ok: false, issues: [{ code: 'bad-option', path: '--off', received, expected }] };
    }),
  );
}

/** What was found, now or in an earlier run. */
async function knownReportOf(
  chosen: readonly Chosen<LintSubject>[],
  off: readonly RuleOff[],
  environment: Environment | undefined,
  flags: CacheFlags,
): Promise<LintReport> {
  const known = knownAnswers(flags);
  const question = ['lint', chosen, off, environment];
  const report = known?.read(question);
  if (report !== undefined) return report as LintReport;
  const { reportOf } = await import('./lint-report.ts');
  const fresh = reportOf(chosen, off, environment);
  known?.keep(question, fresh);
  return fresh;
}

/** `lint`. */
export async function lintVerb(
  words: readonly string[],
  flags: LintFlags,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const { chosen, allowed, off, environment } = unwrap(
    allOf({
      chosen: lintSubjectsFor(words, flags.policy, flags.stack),
      allowed: parseAllowed(flags),
      off: parseOff(flags.off),
      environment: parseEnvironment(flags),
    }),
  );
  checkOut(flags);
  const report = await knownReportOf(chosen, off, environment, flags);
  const selectors =
    chosen.length === 1 || words.length + flags.policy.length + flags.stack.length > 0;
  const named = selectors ? chosen.map(({ selector }) => selector) : [];
  const repeat = commandLine([
    'ghostbound',
    'lint',
    ...named,
    ...environmentWords(flags),
    ...repeated('--off', flags.off),
    '--max-severity',
    allowed,
  ]);
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
