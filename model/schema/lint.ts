/** The shape of what `lint --json` prints. */
import type { Finding } from '../lint/types.ts';
import type { LintedSubject, LintReport } from '../results/lint.ts';
import { count, listOf, version, words } from './results.ts';
import { choice, object, required } from './shape.ts';

const subject = object<LintedSubject>('A policy or chain that was held against the rules.', {
  name: words('Its name.'),
  kind: required(choice('What it is.', ['policy', 'chain'])),
  errors: count('Findings of severity error.'),
  warnings: count('Findings of severity warning.'),
  notes: count('Findings of severity note.'),
});

const finding = object<Finding>('One thing that does not fit.', {
  subject: words('Name of the policy or chain.'),
  rule: words('Name of the rule.'),
  severity: required(
    choice(
      '`error`: living peers are cut off or ghosts stand for ever; `warning`: under circumstances that occur; `note`: not as the numbers read.',
      ['error', 'warning', 'note'],
    ),
  ),
  path: words('The field.'),
  message: words('What happens to whom, with the numbers.'),
  remedy: words('What to change.'),
  source: words('Who found that out.'),
});

export const lintShape = object<LintReport>('What `lint --json` prints.', {
  schemaVersion: version,
  subjects: required(listOf('What was looked at.', subject)),
  findings: required(listOf('All findings, subject by subject, the worst first.', finding)),
});
