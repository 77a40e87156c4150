/**
 * Reads JSON and says line and column of what is wrong. `JSON.parse` does it in words that change
 * with every Node version, and for a truncated file in none; so it parses, and where it fails, this
 * walks the text again by the grammar (RFC 8259) to the first character that breaks it.
 */
import type { Issue, Result } from '../model/issue.ts';

/** Where the grammar breaks: an offset into the text and what could have stood there. */
interface Break {
  readonly offset: number;
  readonly expected: string;
}

/** RFC 8259 §7: what needs no escape in a string, and the escapes. */
const CHARACTERS = '(?:[ !#-[\\]-\\u{10ffff}]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*';
const STRING = new RegExp(`"${CHARACTERS}"`, 'uy');
const STRING_START = new RegExp(`"${CHARACTERS}`, 'uy');
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /(?:true|false|null)\b/y;
const SPACE = /[ \t\n\r]*/y;

/** Deeper files are nobody's policy; keeps the walk's own stack small. */
const MOST_DEPTH = 200;

class Walk {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The first break of the grammar, or undefined when the text is well-formed. */
  document(): Break | undefined {
    this.#space();
    return this.#value(0) ?? this.#end();
  }

  #end(): Break | undefined {
    this.#space();
    return this.#at < this.#text.length ? this.#break('nothing after the document') : undefined;
  }

  #break(expected: string): Break {
    return { offset: this.#at, expected };
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    this.#space();
    return true;
  }

  #string(what: string): Break | undefined {
    if (this.#match(STRING)) return undefined;
    if (!this.#match(STRING_START)) return this.#break(what);
    return this.#break('the rest of a string, closed by "');
  }

  #value(depth: number): Break | undefined {
    if (depth > MOST_DEPTH) return this.#break(`at most ${MOST_DEPTH} levels`);
    if (this.#take('{')) return this.#object(depth);
    if (this.#take('[')) return this.#array(depth);
    if (this.#text[this.#at] === '"') return this.#string('a string');
    return this.#match(NUMBER) || this.#match(WORD) ? undefined : this.#break('a JSON value');
  }

  #object(depth: number): Break | undefined {
    if (this.#take('}')) return undefined;
    do {
      const broken = this.#member(depth);
      if (broken !== undefined) return broken;
    } while (this.#take(','));
    return this.#take('}') ? undefined : this.#break('"," or "}"');
  }

  #member(depth: number): Break | undefined {
    const key = this.#string('a field name in double quotes');
    if (key !== undefined) return key;
    this.#space();
    if (!this.#take(':')) return this.#break('":"');
    const broken = this.#value(depth + 1);
    this.#space();
    return broken;
  }

  #array(depth: number): Break | undefined {
    if (this.#take(']')) return undefined;
    do {
      const broken = this.#value(depth + 1);
      if (broken !== undefined) return broken;
      this.#space();
    } while (this.#take(','));
    return this.#take(']') ? undefined : this.#break('"," or "]"');
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
    const broken = new Walk(body).document() ?? { offset: 0, expected: 'a JSON document' };
    return { ok: false, issues: [issueAt(body, path, broken)] };
  }
}
