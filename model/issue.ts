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

/** How an issue reads whose kind has words of its own; the others are {@link USUAL}. `%p` is its path, `%r` what was received, `%e` what is expected. */
const phrases: Readonly<Record<string, string>> = {
  'unreadable-file': '%p: %r',
  'unwritable-file': '%p: cannot be written: %r',
  'file-too-large': '%p: %r is too much; %e',
  'wrong-kind-of-file': '%p: this is %r; %e',
  'unknown-verb': 'there is no verb %r; it is %e',
  'unknown-name': '%p: %r is not %e',
  'unknown-tag': '%p: %r is not %e',
  'unknown-option': '%p: there is no option %r; expected %e',
  'unknown-field': '%p: there is no field %r here; expected %e',
  'missing-field': '%p: is missing; expected %e',
  'missing-flag': '%p is missing: %e',
  'missing-package': '%e, is %r',
  'not-one': '%p: takes %e; it was given %r',
  'duplicate-name': '%p: %r; each needs %e',
  'doubtful-unit': '%p: %r',
  'not-in-the-lab': '%p: not played on the real kernel, since %r; it takes %e',
};
const USUAL = '%p: received %r; expected %e';

/**
 * Puts an issue on one line, in words that fit its kind; the usual ones are `path: received X; expected Y (hint)`. Control
 * characters that somebody typed are shown (`\u000a`), not sent.
 *
 * @example
 * formatIssue({ code: 'bad-seed', path: '--seed', received: '"x"', expected: 'an integer' }) // => '--seed: received "x"; expected an integer'
 * formatIssue({ code: 'missing-flag', path: '--max-ghost', received: 'nothing', expected: 'how long a ghost may live' }) // => '--max-ghost is missing: how long a ghost may live'
 */
export function formatIssue(issue: Issue): string {
  const { code, path, received, expected, hint } = issue;
  const phrase = Object.hasOwn(phrases, code) ? phrases[code] : undefined;
  const words: Readonly<Record<string, string>> = { '%p': path, '%r': received, '%e': expected };
  const text = (phrase ?? USUAL).replace(/%[pre]/g, (place) => words[place] ?? '');
  return shown(hint === undefined ? text : `${text} (${hint})`);
}

function shown(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
