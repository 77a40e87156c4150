/**
 * From a shape to a JSON Schema (draft 2020-12). In a schema for `input` a duration may be text and
 * fields with a default may be missing; in one for `output` values are canonical.
 */
import { DURATION_PATTERN, formatDuration } from '../duration.ts';
import type { DurationShape, ListShape, NumberShape, ObjectShape, Shape, UnionShape } from './shape.ts';

export type Direction = 'input' | 'output';

/** What is written, and what has been written once for all. */
interface Context {
  readonly direction: Direction;
  readonly definitions: Record<string, JsonSchema>;
}

export type JsonSchema = { readonly [keyword: string]: unknown };

/** Where the published schemas can be read: the package on a public mirror of the registry. */
const ID_PREFIX = 'https://unpkg.com/ghostbound/schema/';

/** A whole document: `$schema`, `$id`, `title`, and the shape. */
export function schemaDocument(
  name: string,
  title: string,
  shape: Shape,
  direction: Direction,
): JsonSchema {
  const context: Context = { direction, definitions: {} };
  const schema = jsonSchema(shape, context);
  const named = Object.keys(context.definitions).length > 0;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${ID_PREFIX}${name}.json`,
    title,
    ...schema,
    ...(named ? { $defs: context.definitions } : {}),
  };
}

/** A shape with a name of its own is written once and referred to. */
function namedSchema(shape: ObjectShape | UnionShape, context: Context): JsonSchema {
  const { name, description } = shape;
  if (name === undefined) return groupSchema(shape, context);
  context.definitions[name] ??= groupSchema(shape, context);
  return { description, $ref: `#/$defs/${name}` };
}

function groupSchema(shape: ObjectShape | UnionShape, context: Context): JsonSchema {
  if (shape.type === 'object') return objectSchema(shape, context);
  return {
    description: shape.description,
    type: 'object',
    required: ['kind'],
    oneOf: Object.values(shape.variants).map((variant) => objectSchema(variant, context)),
  };
}

function jsonSchema(shape: Shape, context: Context): JsonSchema {
  switch (shape.type) {
    case 'text': {
      const { description, minLength, maxLength, pattern } = shape;
      const limits = pattern === undefined ? {} : { pattern };
      return { description, type: 'string', minLength, maxLength, ...limits };
    }
    case 'number':
      return numberSchema(shape);
    case 'duration':
      return durationSchema(shape, context.direction);
    case 'boolean':
      return { description: shape.description, type: 'boolean' };
    case 'choice': {
      const [first, ...others] = shape.values;
      const values = others.length === 0 ? { const: first } : { enum: shape.values };
      return { description: shape.description, ...values };
    }
    case 'nullable':
      return {
        anyOf: [
          jsonSchema(shape.inner, context),
          { description: `null: ${shape.nullMeans}.`, type: 'null' },
        ],
      };
    case 'list':
      return listSchema(shape, context);
    case 'object':
    case 'union':
      return namedSchema(shape, context);
    case 'any':
      return { description: shape.description };
    case 'scalar':
      return { description: shape.description, type: ['string', 'number', 'boolean', 'null'] };
  }
}

function numberSchema(shape: NumberShape): JsonSchema {
  const minimum = shape.aboveMin === true ? { exclusiveMinimum: shape.min } : { minimum: shape.min };
  return {
    description: shape.description,
    type: shape.integer ? 'integer' : 'number',
    ...(shape.min === -Infinity ? {} : minimum),
    ...(shape.max === Infinity ? {} : { maximum: shape.max }),
  };
}

/** JSON Schema cannot look into `"30s"`: limits hold there too, but only the parser checks them. */
function durationSchema(shape: DurationShape, direction: Direction): JsonSchema {
  const { minMs, maxMs, multipleOfMs } = shape;
  const limits = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  const description = `${shape.description} ${limits}; a number is milliseconds.`;
  const multiple = multipleOfMs === 1 ? {} : { multipleOf: multipleOfMs };
  const ms = { type: 'integer', minimum: minMs, maximum: maxMs, ...multiple };
  if (direction === 'output') return { description, ...ms };
  const examples = ['250ms', '30s', '1.5m', '2h'];
  return { description, anyOf: [ms, { type: 'string', pattern: DURATION_PATTERN, examples }] };
}

function listSchema(shape: ListShape, context: Context): JsonSchema {
  const once = (shape.atMostOne ?? []).map((kind) => ({
    contains: { type: 'object', properties: { kind: { const: kind } }, required: ['kind'] },
    minContains: 0,
    maxContains: 1,
  }));
  return {
    description: shape.description,
    type: 'array',
    items: jsonSchema(shape.item, context),
    ...(shape.minItems === 0 ? {} : { minItems: shape.minItems }),
    ...(shape.maxItems === Infinity ? {} : { maxItems: shape.maxItems }),
    ...(shape.unique ? { uniqueItems: true } : {}),
    ...(once.length === 0 ? {} : { allOf: once }),
  };
}

function objectSchema(shape: ObjectShape, context: Context): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(shape.fields)) {
    const schema = jsonSchema(field.shape, context);
    const fallback = field.fallback === undefined ? {} : { default: field.fallback };
    properties[name] = context.direction === 'input' ? { ...schema, ...fallback } : schema;
    const mayMiss = field.optional === true || (context.direction === 'input' && 'fallback' in field);
    if (!mayMiss) required.push(name);
  }
  const ignored = context.direction === 'input' ? (shape.ignored ?? []) : [];
  for (const name of ignored) properties[name] = { description: 'Ignored; for editors.' };
  const rest = shape.rest === undefined ? false : jsonSchema(shape.rest, context);
  return {
    description: shape.description,
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: rest,
  };
}
