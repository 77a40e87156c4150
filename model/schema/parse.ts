/** Reads a value by its word: the canonical value, or every reason why there is none as an issue with its path. */
import * as v from 'valibot';
import type { Issue, Result } from '../issue.ts';
import { quote, type Canonical, type Word } from './reading.ts';

/** Codes of what valibot finds by itself; the words' own faults have their code as type. */
function codeOf({ kind, type, input }: v.BaseIssue<unknown>): string {
  if (kind === 'validation') return typeof input === 'string' ? 'bad-text' : 'out-of-range';
  // NaN is a number to JavaScript and none to valibot.
  if (type === 'number' && typeof input === 'number') return 'out-of-range';
  return ['string', 'number', 'boolean', 'union'].includes(type) ? 'wrong-type' : type;
}

function issueOf(found: v.BaseIssue<unknown>): Issue {
  const [expected = '', hint] = found.message.split('\n');
  const path = (found.path ?? []).reduce((parent, { key }) => placeIn(parent, key), '');
  const issue = { code: codeOf(found), path, expected, received: quote(found.input) };
  return hint === undefined ? issue : { ...issue, hint };
}

function placeIn(parent: string, key: unknown): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const name = String(key);
  if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)) return `${parent}[${JSON.stringify(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

/**
 * The canonical value, or every reason why there is none.
 *
 * @param origin what the paths begin with: a file's name, or '' for a value that was written in code
 * @param noun what the whole value is called when there is no origin, e.g. `policy`
 */
export function parse<W extends Word>(
  word: W,
  input: unknown,
  origin: string,
  noun: string,
): Result<Canonical<W>> {
  // One sentence per place: a number that is neither whole nor in its range breaks one rule.
  const read = v.safeParse(word, input, { abortPipeEarly: true });
  if (read.success) return { ok: true, value: read.output };
  return { ok: false, issues: read.issues.map((one) => placed(issueOf(one), origin, noun)) };
}

/** The value without what the word does not know, and where that was. */
export interface Tolerant<W extends Word> {
  readonly read: Result<Canonical<W>>;
  readonly unknown: readonly string[];
}

/** Reads as {@link parse}, but a field that the word does not know is taken out of `input` and named, not an issue. */
export function parseKnown<W extends Word>(
  word: W,
  input: unknown,
  origin: string,
  noun: string,
): Tolerant<W> {
  const { issues = [] } = v.safeParse(word, input, { abortPipeEarly: true });
  const unknown = issues.filter(({ type }) => type === 'unknown-field');
  for (const { path = [] } of unknown) {
    const keys = path.map(({ key }) => String(key));
    const parent = keys.slice(0, -1).reduce<unknown>((at, key) => (at as never)[key], input);
    delete (parent as Record<string, unknown>)[keys.at(-1) ?? ''];
  }
  const read = parse(word, input, origin, noun);
  return { read, unknown: unknown.map((one) => issueOf(one).path) };
}

/** The issue with its path in full: after the file the value stands in. */
export function placed(issue: Issue, origin: string, noun: string): Issue {
  const { path } = issue;
  const inFile = origin === '' ? path : `${origin}: ${path}`;
  return { ...issue, path: path === '' ? origin || noun : inFile };
}
