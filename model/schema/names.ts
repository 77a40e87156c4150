/** What several public objects are made of: versions, names, lengths, and what the linter is told. */
import {
  choice,
  integer,
  list,
  object,
  text,
  textLike,
  withDefault,
  type Canonical,
} from './words.ts';

/** Version of a file's format; written or not. */
export const fileVersion = withDefault(choice('Version of this format.', [1]), 1);

const POLICY_NAME =
  'Words and digits joined by hyphens, underscores, dots or plus signs; settings of a built-in policy in parentheses.';

/** Names of the systems, and the settings that make another policy of a built-in one: `bun-serve(idleTimeout=30s)`. */
export const policyName = (description = `Name of the policy. ${POLICY_NAME}`) =>
  textLike(
    description,
    /^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*(?:[(][A-Za-z0-9_.=,-]+[)])?$/,
    'a name of letters and digits, joined by hyphens, underscores, dots or plus signs',
    256,
  );

/** A name of lower-case words. */
export const name = (of: string) =>
  textLike(
    `${of}. Lower-case words and digits joined by hyphens or dots.`,
    /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/,
    'a name of 1 to 64 lower-case letters and digits, joined by hyphens or dots',
    64,
  );

/** One GiB: more than any socket or message of a story. */
export const MAX_BYTES = 2 ** 30;

/** A length. */
export const bytes = (description: string, min = 1) =>
  integer(`${description}, bytes.`, min, MAX_BYTES);

/** A rate. */
export const bytesPerSecond = (description: string) =>
  integer(`${description}, bytes per second.`, 1, MAX_BYTES);

const ruleOff = object('A rule that is switched off, and why.', {
  rule: text('Name of the rule.', 64),
  because: text('Why it does not matter here.', 500),
});
/** A rule of the linter that is switched off, and why. */
export interface RuleOff extends Canonical<typeof ruleOff> {}

/** Rules of the linter that a policy or stack switches off. */
export const lintSettings = object('What the linter is told.', {
  off: list('Rules that do not matter here.', ruleOff, { maxItems: 64 }),
});
