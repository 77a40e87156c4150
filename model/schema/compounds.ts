/** Words made of others: what may be null or missing, lists, closed objects, and unions of them. */
import * as v from 'valibot';
import { didYouMean, nearest } from '../spelling.ts';
import {
  fault,
  isObject,
  oneOf,
  outcome,
  reading,
  refused,
  under,
  type Config,
  type Fault,
  type Outcome,
  type Word,
} from './reading.ts';
import { choice, type ChoiceWord } from './scalars.ts';

/** The word, or null. */
export interface NullableWord<W extends Word> extends v.GenericSchema<
  v.InferInput<W> | null,
  v.InferOutput<W> | null
> {
  readonly is: 'nullable';
  readonly wrapped: W;
}

/** The word, or null, which means what `nullMeans` says. */
export function nullable<W extends Word>(wrapped: W, nullMeans: string): NullableWord<W> {
  const schema = v.union([wrapped, v.pipe(v.null(), v.description(`null: ${nullMeans}.`))]);
  return reading<NullableWord<W>>(schema, { is: 'nullable', wrapped }, (input, config) => {
    if (input === null) return outcome(null, []);
    const { value, issues = [] } = wrapped['~run']({ typed: false, value: input }, config);
    const alternative = (end: string): string => `, or null (${nullMeans})${end}`;
    const faults = issues.map((found) =>
      found.path === undefined
        ? { ...found, message: found.message.replace(/\n|$/, alternative) }
        : found,
    );
    return outcome(value, faults);
  });
}

/** A list of values. */
export interface ListWord<W extends Word> extends v.GenericSchema<
  readonly v.InferInput<W>[],
  readonly v.InferOutput<W>[]
> {
  readonly is: 'list';
  readonly item: W;
  readonly limits: ListLimits;
}

interface ListLimits {
  readonly minItems: number;
  readonly maxItems: number;
  /** No value twice; in canonical form the values of a choice stand in the order of the choice. */
  readonly unique: boolean;
  /** Values of the items' `kind` of which the list may hold one at most. */
  readonly atMostOne: readonly string[];
}

export function list<W extends Word>(
  description: string,
  item: W,
  some: Partial<ListLimits> = {},
): ListWord<W> {
  const limits = { minItems: 0, maxItems: Infinity, unique: false, atMostOne: [], ...some };
  const { minItems, maxItems, unique, atMostOne } = limits;
  const expected = `a list of ${minItems} to ${maxItems} items`;
  const once = atMostOne.map((kind) => ({
    contains: { type: 'object', properties: { kind: { const: kind } }, required: ['kind'] },
    minContains: 0,
    maxContains: 1,
  }));
  const schema = v.pipe(
    v.array(item),
    v.description(description),
    v.metadata({
      ...(minItems > 0 && { minItems }),
      ...(Number.isFinite(maxItems) && { maxItems }),
      ...(unique && { uniqueItems: true }),
      ...(once.length > 0 && { allOf: once }),
    }),
  );
  const order = (item as Partial<ChoiceWord<string>>).options;
  return reading<ListWord<W>>(schema, { is: 'list', item, limits }, (input, config) => {
    if (!Array.isArray(input)) return refused('wrong-type', input, expected);
    if (input.length < minItems || input.length > maxItems) {
      return refused('bad-length', input, expected);
    }
    const read = Array.from(input, (value: unknown) =>
      item['~run']({ typed: false, value }, config),
    );
    const values = read.map(({ value }) => value);
    const faults = read.flatMap(({ issues = [] }, index) => issues.map((one) => under(index, one)));
    read.forEach(({ value, issues }, index) => {
      if (unique && issues === undefined && values.indexOf(value) !== index) {
        faults.push(under(index, fault('duplicate', value, 'each value once')));
      }
    });
    for (const kind of atMostOne) faults.push(...furtherOf(kind, read));
    if (unique && order !== undefined) {
      values.sort((a, b) => order.indexOf(a as string) - order.indexOf(b as string));
    }
    return outcome(Object.freeze(values), faults);
  });
}

function furtherOf(kind: string, read: readonly Outcome[]): Fault[] {
  const places = read.flatMap(({ value }, index) =>
    isObject(value) && value['kind'] === kind ? [index] : [],
  );
  const expected = `one "${kind}" at most: it is set once per socket`;
  return places
    .slice(1)
    .map((index) => under(index, under('kind', fault('duplicate', kind, expected))));
}

/** A field that may be missing. */
export const optional = <W extends Word>(word: W): v.ExactOptionalSchema<W, undefined> =>
  v.exactOptional(word);

/** A field that is `fallback` where it is missing, written as people would. */
export const withDefault = <const W extends Word, const D extends v.InferInput<W>>(
  word: W,
  fallback: D,
): v.ExactOptionalSchema<W, D> => v.exactOptional(word, fallback);

/** The fields of an object by name. */
export type Fields = v.ObjectEntries;

/** A closed object. */
export interface ObjectWord<E extends Fields = Fields> extends v.GenericSchema<
  Readonly<v.InferInput<v.StrictObjectSchema<E, undefined>>>,
  Readonly<v.InferOutput<v.StrictObjectSchema<E, undefined>>>
> {
  readonly is: 'object';
  readonly entries: E;
}

interface ObjectOptions {
  /** Keys that are allowed and ignored, for editors. */
  readonly ignored?: readonly string[];
  /** Keys that people look for here and that are not here: why, and what to write instead. */
  readonly instead?: Readonly<Record<string, string>>;
  /** The fields in words, where they are too many to list in a message. */
  readonly expected?: string;
}

/** Of more unknown keys nobody is told what was meant: to find it out for a hundred thousand takes seconds. */
const GUESSED_KEYS = 100;

const ignoredField = v.exactOptional(v.pipe(v.unknown(), v.description('Ignored; for editors.')));

/** A closed object: a key that is no field is an issue. */
export function object<const E extends Fields>(
  description: string,
  entries: E,
  { ignored = [], instead = {}, expected }: ObjectOptions = {},
): ObjectWord<E> {
  const fields = Object.entries(entries);
  const names = Object.keys(entries);
  const onlyFields = expected ?? `only the fields ${names.join(', ')}`;
  const written = { ...entries, ...Object.fromEntries(ignored.map((key) => [key, ignoredField])) };
  const canonical = Object.fromEntries(
    fields.map(([name, field]) => [name, defaultOf(field) === undefined ? field : wrapped(field)]),
  );
  const said = v.description<Record<string, unknown>, string>(description);
  const schema = v.pipe(v.strictObject(written) as Word, said, v.strictObject(canonical), said);
  const more = { is: 'object', entries } as const;
  return reading<ObjectWord<E>>(schema as Word, more, (input, config) => {
    if (!isObject(input)) return refused('wrong-type', input, 'an object');
    const unknown = Object.keys(input).filter(
      (key) => !names.includes(key) && !ignored.includes(key),
    );
    // Most objects have no such key: nobody asks then what is missing.
    const missing = unknown.length === 0 ? [] : names.filter((name) => !Object.hasOwn(input, name));
    const meant = unknown
      .slice(0, GUESSED_KEYS)
      .map((key) =>
        Object.hasOwn(instead, key) ? undefined : (nearest(key, missing) ?? nearest(key, names)),
      );
    const faults = unknown.map((key, index) => {
      const near = meant[index];
      const hint =
        (Object.hasOwn(instead, key) ? instead[key] : undefined) ??
        (near === undefined ? undefined : `did you mean "${near}"?`);
      return under(key, fault('unknown-field', key, onlyFields, hint));
    });
    const values: [string, unknown][] = [];
    for (const [name, field] of fields) {
      const given = Object.hasOwn(input, name) ? input[name] : undefined;
      const value = given === undefined ? defaultOf(field) : given;
      if (value !== undefined) {
        const { value: read, issues } = field['~run']({ typed: false, value }, config);
        values.push([name, read]);
        if (issues !== undefined) faults.push(...issues.map((one) => under(name, one)));
      } else if (field.type !== 'exact_optional' && !meant.includes(name)) {
        faults.push(under(name, fault('missing-field', undefined, expectation(field, config))));
      }
    }
    return outcome(Object.freeze(Object.fromEntries(values)), faults);
  });
}

type Field = Fields[string];
const defaultOf = (field: Field): unknown => (field as { readonly default?: unknown }).default;
const wrapped = (field: Field): Word => (field as v.ExactOptionalSchema<Word, unknown>).wrapped;

/** What a missing field should have been, in the words of its own reading. */
function expectation(field: Field, config: Config): string {
  const { issues } = field['~run']({ typed: false, value: undefined }, config);
  return issues?.[0].message.split('\n')[0] ?? field.expects;
}

/** An object of a union: its fields after its `kind`. */
export function variant<const K extends string, const E extends Fields>(
  kind: K,
  description: string,
  entries: E,
  options: ObjectOptions = {},
): ObjectWord<{ readonly kind: ChoiceWord<K> } & E> {
  return object(description, { kind: choice(description, [kind]), ...entries }, options);
}

/** An object of a union, whatever its kind. */
export type VariantWord = Word & {
  readonly entries: { readonly kind: ChoiceWord<string> } & Fields;
};

/** Objects told apart by their `kind`. */
export interface UnionWord<O extends VariantWord = VariantWord> extends v.GenericSchema<
  v.InferInput<O>,
  v.InferOutput<O>
> {
  readonly is: 'union';
  readonly options: readonly O[];
}

/** One of these objects, told apart by their `kind`. */
export function union<const O extends VariantWord>(
  description: string,
  options: readonly O[],
): UnionWord<O> {
  const byKind = new Map(options.map((option) => [option.entries.kind.options[0], option]));
  const kinds = [...byKind.keys()] as string[];
  const schema = v.pipe(v.variant('kind', options as never) as Word, v.description(description));
  const more = { is: 'union', options } as const;
  return reading<UnionWord<O>>(schema, more, (input, config) => {
    if (!isObject(input)) {
      return refused('wrong-type', input, `an object whose kind is ${oneOf(kinds)}`);
    }
    const kind = Object.hasOwn(input, 'kind') ? input['kind'] : undefined;
    const option = byKind.get(kind as string);
    if (option !== undefined) return option['~run']({ typed: false, value: input }, config);
    const code = kind === undefined ? 'missing-field' : 'unknown-value';
    const hint = typeof kind === 'string' ? didYouMean(kind, kinds) : undefined;
    return outcome(input, [under('kind', fault(code, kind, oneOf(kinds), hint))]);
  });
}

/** An object whose title is its name where it has none. */
export type TitledWord<W extends TitleableWord> = Omit<W, keyof Word> &
  v.GenericSchema<v.InferInput<W>, Titled<v.InferOutput<W>>>;

type TitleableWord = v.GenericSchema<unknown, { readonly name: string; readonly title?: string }>;
type Titled<T> = T extends unknown
  ? Readonly<Omit<T, 'title'>> & { readonly title: string }
  : never;

/** The word, with its name for a title where it has none; what identifies it comes first. */
export function titled<const W extends TitleableWord>(word: W): TitledWord<W> {
  return reading<TitledWord<W> & Word>(word, word as never, (input, config) => {
    const dataset = word['~run']({ typed: false, value: input }, config);
    if (dataset.issues !== undefined) return dataset;
    const {
      schemaVersion,
      kind,
      name,
      title = name,
      ...rest
    } = dataset.value as Titled<v.InferOutput<W>> & {
      readonly schemaVersion?: unknown;
      readonly kind?: unknown;
    };
    const identity = kind === undefined ? { schemaVersion } : { schemaVersion, kind };
    return outcome(Object.freeze({ ...identity, name, title, ...rest }), []);
  });
}
