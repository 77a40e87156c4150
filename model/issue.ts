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

/** Thrown by the `define…` functions, whose callers wrote the value in code. Carries the issues as data. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** Everything that is wrong, at least one; `message` has each on a line of its own. */
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map(formatIssue).join('\n'));
    this.issues = issues;
  }
}

/**
 * Puts an issue on one line: `path: received X; expected Y (hint)`.
 *
 * @example
 * formatIssue({ code: 'bad-seed', path: '--seed', received: '"x"', expected: 'an integer' }) // => '--seed: received "x"; expected an integer'
 */
export function formatIssue(issue: Issue): string {
  const hint = issue.hint === undefined ? '' : ` (${issue.hint})`;
  return `${issue.path}: received ${issue.received}; expected ${issue.expected}${hint}`;
}
