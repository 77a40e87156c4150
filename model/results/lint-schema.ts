/** What the linter finds, and what `lint --json` prints. */
import { count, ms, version, words } from '../schema/outputs.ts';
import { environmentSchema } from '../schema/environment.ts';
import { policySchema } from '../policy/schema.ts';
import { scenarioSchema } from '../scenario/schema.ts';
import {
  anything,
  choice,
  list,
  object,
  optional,
  text,
  union,
  variant,
  type Canonical,
} from '../schema/words.ts';

const subject = object('A policy or stack that was held against the rules.', {
  name: words('Its name.'),
  kind: choice('What it is.', ['policy', 'stack']),
  errors: count('Findings of severity error.'),
  warnings: count('Findings of severity warning.'),
  notes: count('Findings of severity note.'),
  suppressed: count('Findings of rules that are switched off.'),
});
/** Something that was held against the rules. */
export interface LintedSubject extends Canonical<typeof subject> {}

const longer = { ms: ms('How long') };

const expectation = union('What is seen in that life.', [
  variant('ended-alive', 'The connection of a living peer is ended.', {}),
  variant(
    'never-noticed',
    'The peer is gone, and at the end of the watch nothing has noticed.',
    {},
  ),
  variant(
    'never-closed',
    'The end is decided, and at the end of the watch the descriptor is still open.',
    {},
  ),
  variant('ghost-longer-than', 'The ghost lives longer than this.', longer),
  variant('path-forgets', 'A box on the way gives up a connection whose both ends are well.', {}),
  variant(
    'stop-longer-than',
    'From the order to stop to the last closed connection it takes longer than this.',
    longer,
  ),
]);
/** What must be seen in a simulated life for a finding to be so. */
export type Expectation = Canonical<typeof expectation>;

const step = object('One step of a JSON Patch (RFC 6902).', {
  op: choice('What it does.', ['add', 'replace', 'remove']),
  path: words('JSON Pointer (RFC 6901) to the place.'),
  value: optional(anything('What is put there; absent where something is removed.')),
});
/** One step of a JSON Patch (RFC 6902) on the policy or chain. */
export interface PatchStep extends Canonical<typeof step> {}

const severity = choice(
  '`error`: living peers are cut off or ghosts stand for ever; `warning`: under circumstances that occur; `note`: not as the numbers read.',
  ['error', 'warning', 'note'],
);
/**
 * How bad it is. `error`: living peers are cut off, or ghosts stand for ever, while everything works as
 * configured. `warning`: the same under circumstances that do occur. `note`: it works, but not as the
 * numbers read.
 */
export type Severity = Canonical<typeof severity>;
/** Every severity, the worst first. */
export const severities: readonly Severity[] = severity.options;

const finding = object('One thing that does not fit.', {
  subject: words('Name of the policy or stack.'),
  rule: words('Name of the rule.'),
  severity,
  path: words('The field.'),
  message: words('What happens to whom, with the numbers.'),
  remedy: words('What to change.'),
  cure: optional(list('The remedy as a JSON Patch, where it is a change of the subject.', step)),
  write: optional(text('The cure as the line to write, in the words of the system.', 4_000)),
  source: words('Who found that out.'),
  played: optional(policySchema),
  scenario: optional(scenarioSchema),
  expect: optional(expectation),
  seed: optional(text('Seed of the life that shows it.')),
  index: optional(count('Which run of that seed.')),
});
/** One thing that does not fit. */
export interface Finding extends Canonical<typeof finding> {}

const reportedFinding = object('One thing that does not fit.', {
  ...finding.entries,
  /** Absent where nothing need be shown: a note. */
  command: optional(text('The command that plays that life.', 100_000)),
});
/** A finding with the command that plays the life which shows it. */
export interface ReportedFinding extends Canonical<typeof reportedFinding> {}

const suppressedFinding = object('A finding of a rule that is switched off.', {
  ...reportedFinding.entries,
  because: words('Why it is switched off.'),
});
/** A finding of a rule that is switched off. */
export interface SuppressedFinding extends Canonical<typeof suppressedFinding> {}

export const lintSchema = object('What `lint --json` prints.', {
  schemaVersion: version,
  /** Missing: each subject as it is. */
  environment: optional(environmentSchema),
  subjects: list('What was looked at.', subject),
  findings: list('All findings, subject by subject, the worst first.', reportedFinding),
  suppressed: list('Findings of rules that are switched off.', suppressedFinding),
});
/** Policies and stacks, and all that was found, subject by subject, the worst first. */
export interface LintReport extends Canonical<typeof lintSchema> {}
