/**
 * Misuse and bad input as data: turned into one line of text only at the edge.
 */

/** One thing that is wrong with an input, and what to do about it. */
export interface Issue {
  /** Stable machine-readable kind, e.g. `unknown-field`, `bad-duration`, `unknown-name`. */
  readonly code: string;
  /** Where: a field path such as `mechanisms[0].intervalMs`, a flag such as `--runs`, or a name. */
  readonly path: string;
  /** What is allowed there, in words. */
  readonly expected: string;
  /** What was there, as the user wrote it. */
  readonly received: string;
  /** What to do; names the nearest correct spelling where one was misspelt. */
  readonly hint?: string;
}

/** Either the value or every reason why there is none. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** More than anybody reads. */
const MOST_LINES = 100;

/** Thrown by the `define…` functions, whose callers wrote the value in code. Carries the issues as data. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** Everything that is wrong, at least one; `message` has each on a line of its own, up to a hundred. */
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const lines = issues.slice(0, MOST_LINES).map(formatIssue);
    const more = issues.length - lines.length;
    super([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    this.issues = issues;
  }
}

/** How an issue reads whose kind has words of its own; the others say what was there and what may stand there. */
const phrases: Readonly<Record<string, (issue: Issue) => string>> = {
  'unreadable-file': ({ path, received }) => `${path}: ${received}`,
  'unwritable-file': ({ path, received }) => `${path}: cannot be written: ${received}`,
  'file-too-large': ({ path, received, expected }) =>
    `${path}: ${received} is too much; ${expected}`,
  'wrong-kind-of-file': ({ path, received, expected }) =>
    `${path}: this is ${received}; ${expected}`,
  'unknown-verb': ({ received, expected }) => `there is no verb ${received}; it is ${expected}`,
  'unknown-name': ({ path, received, expected }) => `${path}: ${received} is not ${expected}`,
  'unknown-tag': ({ path, received, expected }) => `${path}: ${received} is not ${expected}`,
  'unknown-option': ({ path, received, expected }) =>
    `${path}: there is no option ${received}; expected ${expected}`,
  'unknown-field': ({ path, received, expected }) =>
    `${path}: there is no field ${received} here; expected ${expected}`,
  'missing-field': ({ path, expected }) => `${path}: is missing; expected ${expected}`,
  'missing-flag': ({ path, expected }) => `${path} is missing: ${expected}`,
  'missing-package': ({ expected, received }) => `${expected}, is ${received}`,
  'not-one': ({ path, received, expected }) =>
    `${path}: takes ${expected}; it was given ${received}`,
  'duplicate-name': ({ path, received, expected }) =>
    `${path}: ${received}; each needs ${expected}`,
  'doubtful-unit': ({ path, received }) => `${path}: ${received}`,
  'not-in-the-lab': ({ path, received, expected }) =>
    `${path}: not played on the real kernel, since ${received}; it takes ${expected}`,
};

/**
 * Puts an issue on one line, in words that fit its kind; the usual ones are `path: received X; expected Y (hint)`. Control
 * characters that somebody typed are shown (`\u000a`), not sent.
 *
 * @example
 * formatIssue({ code: 'bad-seed', path: '--seed', received: '"x"', expected: 'an integer' }) // => '--seed: received "x"; expected an integer'
 * formatIssue({ code: 'missing-flag', path: '--max-ghost', received: 'nothing', expected: 'how long a ghost may live' }) // => '--max-ghost is missing: how long a ghost may live'
 */
export function formatIssue(issue: Issue): string {
  const phrase = Object.hasOwn(phrases, issue.code) ? phrases[issue.code] : undefined;
  const { path, received, expected, hint } = issue;
  const text = phrase?.(issue) ?? `${path}: received ${received}; expected ${expected}`;
  return shown(hint === undefined ? text : `${text} (${hint})`);
}

function shown(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
