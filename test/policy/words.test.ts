/** The words of the schemas: what they read that valibot alone would read otherwise, and what they say of the rest. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIssue } from '../../model/issue.ts';
import { definePolicy } from '../../model/policy/index.ts';
import { parse } from '../../model/schema/parse.ts';
import {
  boolean,
  choice,
  duration,
  integer,
  list,
  nullable,
  number,
  numberAbove,
  object,
  optional,
  text,
  titled,
  union,
  variant,
  withDefault,
  type Word,
} from '../../model/schema/words.ts';
import { cases } from '../support/property.ts';

const said = (word: Word, input: unknown): string[] => {
  const read = parse(word, input, '', 'thing');
  return read.ok ? [] : read.issues.map(formatIssue);
};
const value = (word: Word, input: unknown): unknown => {
  const read = parse(word, input, '', 'thing');
  if (!read.ok) throw new Error(said(word, input).join('\n'));
  return read.value;
};

const point = object(
  'A point.',
  {
    atMs: duration('When.'),
    many: withDefault(integer('How many.', 1, 9), 3),
    why: optional(text('Why.', 5)),
  },
  { ignored: ['$schema'], instead: { lot: 'count with many' } },
);
const pet = union('A pet.', [
  variant('cat', 'Purrs.', { lives: withDefault(integer('How many.', 1, 9), 9) }),
  variant('dog', 'Barks.', { loud: boolean('Whether.') }),
]);

describe('an object', () => {
  test('is canonical: milliseconds, defaults, the order of the schema, frozen', () => {
    const read = value(point, { many: 4, $schema: 'x', atMs: '1.5s' });
    expect(JSON.stringify(read)).toBe('{"atMs":1500,"many":4}');
    expect(Object.isFrozen(read)).toBe(true);
    expect(value(point, { atMs: 1, why: undefined, many: undefined })).toStrictEqual({
      atMs: 1,
      many: 3,
    });
  });

  test('names every unknown field, and takes a misspelt one for the missing one', () => {
    expect(said(point, { atM: '1s', mny: 2, lot: 1, zzzz: 0 })).toEqual([
      'atM: there is no field "atM" here; expected only the fields atMs, many, why (did you mean "atMs"?)',
      'mny: there is no field "mny" here; expected only the fields atMs, many, why (did you mean "many"?)',
      'lot: there is no field "lot" here; expected only the fields atMs, many, why (count with many)',
      'zzzz: there is no field "zzzz" here; expected only the fields atMs, many, why',
    ]);
    expect(said(point, {})).toEqual([
      'atMs: is missing; expected a duration from 1ms to 8760h, such as "30s", or milliseconds as a number',
    ]);
  });

  test('a hundred thousand unknown fields are told in a message that can be read, and soon', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
    const { user, system } = process.cpuUsage();
    const refused = (): unknown => definePolicy({ name: 'x', mechanisms: [], ...many });
    expect(refused).toThrow(/^k0: there is no field "k0" here[^]*\nand 99900 more$/);
    const spent = process.cpuUsage({ user, system });
    expect((spent.user + spent.system) / 1e6).toBeLessThan(3);
  });

  test('takes an unknown field for a missing one before it takes it for one that is there', () => {
    const twins = object('T.', { wait: integer('W.', 0, 9), want: integer('W.', 0, 9) });
    expect(said(twins, { wait: 1, waxt: 2 })).toEqual([
      'waxt: there is no field "waxt" here; expected only the fields wait, want (did you mean "want"?)',
    ]);
  });

  test('that may be null says so of itself, not of its fields', () => {
    const maybe = nullable(point, 'nowhere');
    expect(said(maybe, 7)[0]).toMatch(/an object, or null \(nowhere\)$/);
    expect(said(maybe, { atMs: 0 })[0]).not.toMatch(/null/);
  });

  test('is no list, no null, and has what is its own only', () => {
    for (const input of [[], null, 'x', 3])
      expect(said(point, input)[0]).toMatch(/expected an object$/);
    expect(said(point, Object.create({ atMs: 5 }))).toHaveLength(1);
    expect(said(point, JSON.parse('{"atMs":1,"__proto__":2}'))[0]).toMatch(/no field "__proto__"/);
    expect(said(point, JSON.parse('{"atMs":1,"toString":2}'))[0]).toMatch(/no field "toString"/);
  });
});

describe('a union', () => {
  test('is told apart by its kind', () => {
    expect(value(pet, { kind: 'cat' })).toEqual({ kind: 'cat', lives: 9 });
    expect(said(pet, { kind: 'catt' })).toEqual([
      'kind: received "catt"; expected one of "cat", "dog" (did you mean "cat"?)',
    ]);
    expect(said(pet, {})).toEqual(['kind: is missing; expected one of "cat", "dog"']);
    expect(said(pet, [])).toEqual([
      'thing: received a list of length 0; expected an object whose kind is one of "cat", "dog"',
    ]);
    expect(said(pet, { kind: 'toString' })).toHaveLength(1);
  });
});

describe('a list', () => {
  const signs = list('Signs.', choice('A sign.', ['a', 'b', 'c']), {
    minItems: 1,
    maxItems: 3,
    unique: true,
  });

  test('of choices stands in their order, each once', () => {
    expect(value(signs, ['c', 'a'])).toEqual(['a', 'c']);
    expect(said(signs, ['c', 'c', 'xyz'])).toEqual([
      '[2]: received "xyz"; expected one of "a", "b", "c"',
      '[1]: received "c"; expected each value once',
    ]);
    expect(said(signs, [])).toEqual([
      'thing: received a list of length 0; expected a list of 1 to 3 items',
    ]);
    expect(said(signs, { length: 1 })).toHaveLength(1);
  });

  test('holds one at most of what is set once', () => {
    const pets = list('Pets.', pet, { atMostOne: ['cat'] });
    expect(said(pets, [{ kind: 'cat' }, { kind: 'cat' }, { kind: 'dog', loud: true }])).toEqual([
      '[1].kind: received "cat"; expected one "cat" at most: it is set once per socket',
    ]);
  });
});

describe('single values', () => {
  test.each<[Word, unknown, string]>([
    [
      duration('D.'),
      '30',
      'received "30"; expected a duration from 1ms to 8760h, such as "30s", or milliseconds as a number (add a unit: "30ms" or "30s")',
    ],
    [
      duration('D.', { minMs: 1_000, multipleOfMs: 1_000 }),
      30,
      'received 30; expected a duration from 1s to 8760h in whole seconds, such as "30s", or milliseconds as a number (a number is milliseconds; for seconds write "30s")',
    ],
    [
      duration('D.'),
      'x'.repeat(500),
      `received "${'x'.repeat(78)}…; expected a duration from 1ms to 8760h, such as "30s", or milliseconds as a number`,
    ],
    [
      nullable(duration('D.'), 'for ever'),
      false,
      'received false; expected a duration from 1ms to 8760h, such as "30s", or milliseconds as a number, or null (for ever)',
    ],
    [
      nullable(duration('D.'), 'for ever'),
      '5',
      'received "5"; expected a duration from 1ms to 8760h, such as "30s", or milliseconds as a number, or null (for ever) (add a unit: "5ms" or "5s")',
    ],
    [integer('I.', 1, 9), 0.5, 'received 0.5; expected a whole number from 1 to 9'],
    [integer('I.', 1, 9), NaN, 'received NaN; expected a whole number from 1 to 9'],
    [number('N.', 0, 1), '1', 'received "1"; expected a number from 0 to 1'],
    [numberAbove('N.', 0, 1), 0, 'received 0; expected a number above 0, up to 1'],
    [text('T.', 3), '', 'received ""; expected a text of 1 to 3 characters'],
    [text('T.', 3), 'four', 'received "four"; expected a text of 1 to 3 characters'],
    [boolean('B.'), 'true', 'received "true"; expected true or false'],
    [choice('C.', [1]), 2, 'received 2; expected 1'],
  ])('%#', (word, input, message) => {
    expect(said(word, input)).toEqual([`thing: ${message}`]);
  });

  test('NaN is a number out of range, and a text is no number', () => {
    const codes = [NaN, 10, '5'].map((input) => {
      const read = parse(integer('I.', 1, 9), input, '', 'thing');
      return read.ok ? 'ok' : read.issues[0]?.code;
    });
    expect(codes).toEqual(['out-of-range', 'out-of-range', 'wrong-type']);
  });

  test('minus zero is zero, and a text is counted in characters', () => {
    expect(Object.is(value(integer('I.', 0, 9), -0), 0)).toBe(true);
    expect(value(text('T.', 2), '👻👻')).toBe('👻👻');
  });

  test('what is read is read again as it is', () => {
    const word = list(
      'L.',
      object('O.', { d: nullable(duration('D.'), 'no'), p: optional(pet), q: point }),
    );
    const one = fc.record(
      {
        d: fc.oneof(fc.constant(null), fc.constant('1.5m'), fc.integer({ min: 1, max: 1e6 })),
        p: fc.constantFrom({ kind: 'cat' }, { kind: 'dog', loud: false }),
        q: fc.record(
          { atMs: fc.constantFrom('2h', 7), why: fc.string({ minLength: 1, maxLength: 5 }) },
          { requiredKeys: ['atMs'] },
        ),
      },
      { requiredKeys: ['d', 'q'] },
    );
    fc.assert(
      fc.property(fc.array(one), (input) => {
        const read = value(word, input);
        expect(value(word, read)).toEqual(read);
      }),
      cases(200),
    );
  });
});

test('what has no title has its name for one, and what identifies it comes first', () => {
  const named = titled(
    object('N.', { title: optional(text('T.')), extra: integer('E.', 0, 9), name: text('N.') }),
  );
  expect(JSON.stringify(value(named, { extra: 1, name: 'n' }))).toBe(
    '{"name":"n","title":"n","extra":1}',
  );
});
