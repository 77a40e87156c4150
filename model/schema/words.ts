/** What several shapes are made of: names, durations and lengths. */
import { MAX_DURATION_MS } from '../duration.ts';
import type { LintSettings, RuleOff } from '../policy/types.ts';
import {
  integer,
  object,
  required,
  text,
  type DurationShape,
  type NumberShape,
  type TextShape,
} from './shape.ts';

/** Names of the systems, and the settings that make another policy of a built-in one: `bun-serve(idleTimeout=30s)`. */
export const policyNameShape: TextShape = {
  type: 'text',
  description:
    'Words and digits joined by hyphens, underscores, dots or plus signs; settings of a built-in policy in parentheses.',
  minLength: 1,
  maxLength: 256,
  pattern: '^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*(?:[(][A-Za-z0-9_.=,-]+[)])?$',
  expected: 'a name of letters and digits, joined by hyphens, underscores, dots or plus signs',
};

export const nameShape: TextShape = {
  type: 'text',
  description: 'Lower-case words and digits joined by hyphens or dots.',
  minLength: 1,
  maxLength: 64,
  pattern: '^[a-z0-9]+(?:[.-][a-z0-9]+)*$',
  expected: 'a name of 1 to 64 lower-case letters and digits, joined by hyphens or dots',
};

/** A duration from `minMs` (1 ms unless said) to `maxMs` (365 days unless said). */
export function duration(
  description: string,
  limits: { minMs?: number; maxMs?: number; multipleOfMs?: number } = {},
): DurationShape {
  const { minMs = 1, maxMs = MAX_DURATION_MS, multipleOfMs = 1 } = limits;
  return { type: 'duration', description, minMs, maxMs, multipleOfMs };
}

/** One GiB: more than any socket or message of a story. */
export const MAX_BYTES = 2 ** 30;

/** A length. */
export function bytes(description: string, min = 1): NumberShape {
  return integer(`${description}, bytes.`, min, MAX_BYTES);
}

const ruleOff = object<RuleOff>('A rule that is switched off, and why.', {
  rule: required(text('Name of the rule.', 64)),
  because: required(text('Why it does not matter here.', 500)),
});

/** Rules of the linter that a policy or chain switches off. */
export const lintSettingsShape = object<LintSettings>('What the linter is told.', {
  off: required({
    type: 'list',
    description: 'Rules that do not matter here.',
    item: ruleOff,
    minItems: 0,
    maxItems: 64,
    unique: false,
  }),
});
