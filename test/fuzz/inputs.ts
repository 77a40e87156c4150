/** Input that nobody writes on purpose: documents mutated in several places, arbitrary JSON, values that no JSON has, mutated text. */
import fc from 'fast-check';
import { spoilt } from '../policy/arbitraries.ts';

/** So many objects or lists in each other. Far deeper ones no stack of the test's own could write as text. */
export function nested(depth: number, around: (inner: unknown) => unknown): unknown {
  return Array.from({ length: depth }).reduce(around, null);
}

/** Nested, long and strange, each legal JSON; made when asked for, since some are large. */
const extremes: readonly (() => unknown)[] = [
  () => nested(1_000, (inner) => [inner]),
  () => nested(1_000, (inner) => ({ mechanisms: inner })),
  () => 'x'.repeat(100_000),
  () => ({ name: 'x'.repeat(100_000), mechanisms: [] }),
  () => ({ name: 'many', mechanisms: Array.from({ length: 20_000 }, () => ({ kind: 'sweep' })) }),
  () => JSON.parse('{"__proto__": {"name": "x"}, "constructor": 1, "toString": 2}') as unknown,
  () => ({ name: '\u001b[2J\u0000\n', mechanisms: [] }),
  () => ({ name: 'x', mechanisms: [{ kind: '__proto__' }, { kind: 'constructor' }] }),
  () => ({ name: 'x', mechanisms: [null, [], '', 0, true] }),
];

/** What code may pass and no file can hold. */
const notJson: readonly (() => unknown)[] = [
  () => undefined,
  () => Number.NaN,
  () => Infinity,
  () => 1n,
  () => Symbol('policy'),
  () => () => undefined,
  () => new Date(0),
  () => new Map([['name', 'x']]),
  () => {
    const ring: Record<string, unknown> = { name: 'ring', mechanisms: [] };
    ring['mechanisms'] = [ring];
    return ring;
  },
  () => ({ name: 'x', mechanisms: [{ kind: 'sweep', intervalMs: Number.NaN }] }),
  () => ({ name: 'x', mechanisms: [{ kind: 'sweep', intervalMs: 1n }] }),
  () => Object.create(null) as unknown,
];

/** One to four changes in a document that is right. */
export function mutated(document: unknown): fc.Arbitrary<unknown> {
  return fc
    .integer({ min: 1, max: 4 })
    .chain((times) =>
      Array.from({ length: times }).reduce<fc.Arbitrary<unknown>>(
        (before) => before.chain(spoilt),
        fc.constant(document),
      ),
    );
}

/** Any JSON document: mutated ones mostly, some arbitrary, a few extreme. */
export function anyJson(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 12, arbitrary: valid.chain(mutated) },
    { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(...extremes).map((make) => make()) },
  );
}

/** What only code can pass. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...notJson).map((make) => make()),
  fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
);

/** A text with pieces cut out, doubled or put in. */
export function mutatedText(valid: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const noise = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom(
      '(',
      ')',
      '=',
      ',',
      '@',
      '-',
      '.',
      '0',
      '9',
      'e',
      '"',
      ' ',
      '\n',
      '\u0000',
      'ß',
      '🙂',
    ),
  );
  const change = fc.tuple(fc.nat(), fc.nat(4), noise);
  return fc.tuple(valid, fc.array(change, { minLength: 1, maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((before, [at, cut, put]) => {
      const from = at % (before.length + 1);
      return before.slice(0, from) + put + before.slice(from + cut);
    }, text),
  );
}
