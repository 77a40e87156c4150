/** The shape of what `lint --json` prints. */
import type { Expectation, PatchStep } from '../lint/types.ts';
import type { LintedSubject, LintReport, ReportedFinding, SuppressedFinding } from '../results/lint.ts';
import { policyShape } from './policy.ts';
import { count, listOf, ms, version, words } from './results.ts';
import { scenarioShape } from './scenario.ts';
import {
  anything,
  choice,
  object,
  optional,
  required,
  text,
  union,
  type FieldsOf,
  type ObjectShape,
} from './shape.ts';

const subject = object<LintedSubject>('A policy or chain that was held against the rules.', {
  name: words('Its name.'),
  kind: required(choice('What it is.', ['policy', 'chain'])),
  errors: count('Findings of severity error.'),
  warnings: count('Findings of severity warning.'),
  notes: count('Findings of severity note.'),
  suppressed: count('Findings of rules that are switched off.'),
});

const longer = { ms: required(ms('How long')) };

const expectation = union<Expectation>('What is seen in that life.', {
  'ended-alive': { description: 'The connection of a living peer is ended.', fields: {} },
  'never-noticed': {
    description: 'The peer is gone, and at the end of the watch nothing has noticed.',
    fields: {},
  },
  'never-closed': {
    description: 'The end is decided, and at the end of the watch the descriptor is still open.',
    fields: {},
  },
  'ghost-longer-than': { description: 'The ghost lives longer than this.', fields: longer },
  'path-forgets': {
    description: 'A box on the way gives up a connection whose both ends are well.',
    fields: {},
  },
  'stop-longer-than': {
    description: 'From the order to stop to the last closed connection it takes longer than this.',
    fields: longer,
  },
});

const step: ObjectShape = object<Required<Extract<PatchStep, { op: 'add' | 'replace' }>>>(
  'One step of a JSON Patch (RFC 6902).',
  {
    op: required(choice('What it does.', ['add', 'replace', 'remove'])),
    path: words('JSON Pointer (RFC 6901) to the place.'),
    value: optional(anything('What is put there; absent where something is removed.')),
  },
);

const findingFields: FieldsOf<ReportedFinding> = {
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
  cure: optional(listOf('The remedy as a JSON Patch, where it is a change of the subject.', step)),
  source: words('Who found that out.'),
  played: optional({ ...policyShape, name: 'policy' }),
  scenario: optional({ ...scenarioShape, name: 'scenario' }),
  expect: optional(expectation),
  seed: optional(text('Seed of the life that shows it.')),
  index: optional({ ...count('Which run of that seed.').shape }),
  command: optional({ ...text('The command that plays that life.'), maxLength: 100_000 }),
};

const finding = object<ReportedFinding>('One thing that does not fit.', findingFields);

const suppressed = object<SuppressedFinding>('A finding of a rule that is switched off.', {
  ...findingFields,
  because: words('Why it is switched off.'),
});

export const lintShape = object<LintReport>('What `lint --json` prints.', {
  schemaVersion: version,
  subjects: required(listOf('What was looked at.', subject)),
  findings: required(listOf('All findings, subject by subject, the worst first.', finding)),
  suppressed: required(listOf('Findings of rules that are switched off.', suppressed)),
});
