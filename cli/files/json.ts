/**
 * Reads JSON and says line and column of what is wrong. `JSON.parse` does it in words that change with every Node
 * version, and for a truncated file in none; so it parses, and where it fails, the tokens are gone through once more by
 * the grammar (RFC 8259) to the first that breaks it.
 */
import { createScanner, stripComments, type JSONScanner } from 'jsonc-parser';
import type { Issue, Result } from '../../model/issue.ts';

/** Where the grammar breaks: an offset into the text and what could have stood there. */
interface Break {
  readonly offset: number;
  readonly expected: string;
}

/** What may come next; an `item` is a value or the end of an empty list, a `field` a key or the end of an empty object. */
type Wanted = 'value' | 'item' | 'key' | 'field' | 'colon' | 'more' | 'end';

const wordings: Readonly<Record<Exclude<Wanted, 'more'>, string>> = {
  value: 'a JSON value',
  item: 'a JSON value',
  key: 'a field name in double quotes',
  field: 'a field name in double quotes',
  colon: '":"',
  end: 'nothing after the document',
};

/** A string, a number or a word; what a scanner error says of the rest of it comes later. */
const SCALAR = /^(?:"|-?\d|true$|false$|null$)/;

/** What is wanted after the token, which is put on or off the stack of what must be closed; undefined = it breaks the grammar. */
function after(token: string, wanted: Wanted, open: string[]): Wanted | undefined {
  const closes = token === open.at(-1) && ['item', 'field', 'more'].includes(wanted);
  if (closes) open.pop();
  const settled = open.length === 0 ? 'end' : 'more';
  if (closes) return settled;
  if (wanted === 'key' || wanted === 'field') return token.startsWith('"') ? 'colon' : undefined;
  if (wanted === 'colon') return token === ':' ? 'value' : undefined;
  if (wanted === 'end') return token === '' ? 'end' : undefined;
  if (wanted === 'more') {
    if (token !== ',') return undefined;
    return open.at(-1) === '}' ? 'key' : 'value';
  }
  if (SCALAR.test(token)) return settled;
  if (token !== '{' && token !== '[') return undefined;
  open.push(token === '{' ? '}' : ']');
  return token === '{' ? 'field' : 'item';
}

/** The next token that is not space, '' at the end; a comment is one. */
function nextToken(scanner: JSONScanner, text: string): string {
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    const token = text.slice(offset, offset + scanner.getTokenLength());
    if (token === '' || /[^ \t\r\n]/.test(token)) return token;
  }
}

function breakOf(text: string): Break | undefined {
  const scanner = createScanner(text);
  const open: string[] = [];
  let wanted: Wanted = 'value';
  for (;;) {
    const token = nextToken(scanner, text);
    const offset = scanner.getTokenOffset();
    const next = after(token, wanted, open);
    if (next === undefined) {
      const expected = wanted === 'more' ? `"," or "${open.at(-1)}"` : wordings[wanted];
      return { offset, expected };
    }
    if (scanner.getTokenError() !== 0) {
      const rest = token.startsWith('"') ? 'the rest of a string, closed by "' : 'a digit';
      return { offset: offset + token.length, expected: rest };
    }
    if (token === '') return undefined;
    wanted = next;
  }
}

function issueAt(text: string, path: string, { offset, expected }: Break): Issue {
  const before = text.slice(0, offset).split('\n');
  const place = `line ${before.length} column ${(before.at(-1) ?? '').length + 1}`;
  const character = text.slice(offset).match(/^./su)?.[0];
  const received = character === undefined ? 'the end of the file' : JSON.stringify(character);
  return {
    code: character === undefined ? 'truncated-json' : 'malformed-json',
    path: `${path}: ${place}`,
    received,
    expected,
    ...(text.slice(0, offset).trim() === '' &&
      text.trim() !== '' && { hint: 'this is no JSON file' }),
  };
}

/**
 * Parses `text` as JSON; `path` names the file in the issue. A byte order mark is tolerated.
 *
 * @example
 * parseJson('{"a": 1}', 'p.json').value // => { a: 1 }
 * parseJson('{"a": }', 'p.json').issues.map(formatIssue) // => ['p.json: line 1 column 7: received "}"; expected a JSON value']
 */
export function parseJson(text: string, path: string): Result<unknown> {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return { ok: true, value: JSON.parse(body) };
  } catch {
    const broken = breakOf(body) ?? { offset: 0, expected: 'a JSON document' };
    return { ok: false, issues: [issueAt(body, path, broken)] };
  }
}

/** The same with comments, which become space: lines and columns stay. */
export function parseJsonc(text: string, path: string): Result<unknown> {
  return parseJson(stripComments(text, ' '), path);
}
