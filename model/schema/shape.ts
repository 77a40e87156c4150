/**
 * One description of each file format. From a shape come the validator with its messages
 * (`check.ts`) and the published JSON Schema (`json-schema.ts`), so the two cannot drift apart.
 *
 * A shape says what a value may be; a field adds whether it may be missing and what it is then.
 */

/** Free text of `minLength` to `maxLength` characters, or text that matches `pattern`. */
export interface TextShape {
  readonly type: 'text';
  readonly description: string;
  readonly minLength: number;
  readonly maxLength: number;
  /** A regular expression for the whole text; `expected` says it in words. */
  readonly pattern?: string;
  readonly expected?: string;
}

/** A number between two limits; `min` itself is excluded when `aboveMin` is set. */
export interface NumberShape {
  readonly type: 'number';
  readonly description: string;
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  readonly aboveMin?: boolean;
}

/** Whole milliseconds, or text with a unit; limits and multiples hold for both spellings. */
export interface DurationShape {
  readonly type: 'duration';
  readonly description: string;
  readonly minMs: number;
  readonly maxMs: number;
  /** The value must be a multiple of this: 1000 where the kernel takes whole seconds. */
  readonly multipleOfMs: number;
}

export interface BooleanShape {
  readonly type: 'boolean';
  readonly description: string;
}

/** One of a closed list of words or numbers. */
export interface ChoiceShape {
  readonly type: 'choice';
  readonly description: string;
  readonly values: readonly (string | number)[];
}

/** The shape, or null, which means what `nullMeans` says. */
export interface NullableShape {
  readonly type: 'nullable';
  readonly inner: Shape;
  readonly nullMeans: string;
}

export interface ListShape {
  readonly type: 'list';
  readonly description: string;
  readonly item: Shape;
  readonly minItems: number;
  readonly maxItems: number;
  /** No value twice; in canonical form the values of a choice stand in the order of the choice. */
  readonly unique: boolean;
  /** Values of the items' `kind` of which the list may hold one at most. */
  readonly atMostOne?: readonly string[];
}

export interface Field {
  readonly shape: Shape;
  /** What it is when missing; a field with neither `fallback` nor `optional` is required. */
  readonly fallback?: unknown;
  readonly optional?: true;
}

/** A closed object: a key that is not a field is an error. */
export interface ObjectShape {
  readonly type: 'object';
  /** Name under which a JSON Schema refers to it, where it is used more than once. */
  readonly name?: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Keys that are allowed and ignored, e.g. `$schema` for editors. */
  readonly ignored?: readonly string[];
  /** Keys that people look for here and that are not here: why, and what to write instead. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Values of further keys, where the object is open. */
  readonly rest?: Shape;
  /** The fields in words, where they are too many to list in a message. */
  readonly expected?: string;
}

/** Objects told apart by their field `kind`. */
export interface UnionShape {
  readonly type: 'union';
  /** As in {@link ObjectShape}. */
  readonly name?: string;
  readonly description: string;
  readonly variants: Readonly<Record<string, ObjectShape>>;
}

/** A scalar or null of any kind: what a timeline's details hold. */
export interface ScalarShape {
  readonly type: 'scalar';
  readonly description: string;
}

/** Any JSON value: what a patch puts somewhere. */
export interface AnyShape {
  readonly type: 'any';
  readonly description: string;
}

export type Shape =
  | TextShape
  | NumberShape
  | DurationShape
  | BooleanShape
  | ChoiceShape
  | NullableShape
  | ListShape
  | ObjectShape
  | UnionShape
  | ScalarShape
  | AnyShape;

/** Fields for exactly the keys of `T`: the compiler sees to it that shape and type agree. */
export type FieldsOf<T> = { readonly [K in keyof Required<T>]: Field };

export const required = (shape: Shape): Field => ({ shape });
export const optional = (shape: Shape): Field => ({ shape, optional: true });
export const withDefault = (shape: Shape, fallback: unknown): Field => ({ shape, fallback });

export const text = (description: string, maxLength = 2_000): TextShape => {
  return { type: 'text', description, minLength: 1, maxLength };
};
export const number = (description: string, min: number, max: number): NumberShape => {
  return { type: 'number', description, integer: false, min, max };
};
export const integer = (description: string, min: number, max: number): NumberShape => {
  return { type: 'number', description, integer: true, min, max };
};
export const boolean = (description: string): BooleanShape => ({ type: 'boolean', description });
export const choice = <V extends string | number>(
  description: string,
  values: readonly V[],
): ChoiceShape => ({ type: 'choice', description, values });
export const nullable = (inner: Shape, nullMeans: string): NullableShape => {
  return { type: 'nullable', inner, nullMeans };
};
export const anything = (description: string): AnyShape => ({ type: 'any', description });
export const scalar = (description: string): ScalarShape => ({ type: 'scalar', description });

/** A closed object with the fields of `T`. */
export function object<T>(description: string, fields: FieldsOf<T>): ObjectShape {
  return { type: 'object', description, fields: fields as Readonly<Record<string, Field>> };
}

/** The objects of a union `T`, each under its `kind`; `kind` itself is added as a constant. */
export function union<T extends { readonly kind: string }>(
  description: string,
  variants: {
    readonly [K in T['kind']]: {
      readonly description: string;
      readonly fields: FieldsOf<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
      readonly ignored?: readonly string[];
      readonly instead?: Readonly<Record<string, string>>;
    };
  },
): UnionShape {
  const named = Object.entries<Omit<ObjectShape, 'type'>>(variants).map(([kind, variant]) => {
    const tag = required(choice(variant.description, [kind]));
    return [kind, { ...variant, type: 'object', fields: { kind: tag, ...variant.fields } }] as const;
  });
  return { type: 'union', description, variants: Object.fromEntries(named) };
}
