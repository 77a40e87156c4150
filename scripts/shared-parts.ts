/** Parts of a JSON Schema that occur more than once are written once, under `$defs`, and referred to: the same documents are valid. */
import type { JsonSchema } from '@valibot/to-json-schema';

type Entry = readonly [key: string, value: unknown];
type Part = Readonly<Record<string, unknown>>;

/** Keywords whose value has schemas by a name that is nobody's keyword. */
const NAMED = new Set(['properties', '$defs']);

/** Keywords whose value is data, whatever it looks like. */
const DATA = new Set(['const', 'default', 'enum', 'examples', 'required']);

/** A shorter part (bytes) is no longer than what refers to it. */
const WORTH = 90;

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same schema with every schema directly inside it as `change` makes it. `name`: of the property that it describes, else that of the whole. */
function mapInside(schema: Part, name: string, change: (part: Part, name: string) => Part): Part {
  const changed = (value: unknown, of: string): unknown =>
    isPart(value) ? change(value, of) : value;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]): Entry => {
      if (DATA.has(key)) return [key, value];
      if (Array.isArray(value)) return [key, value.map((one) => changed(one, name))];
      if (!NAMED.has(key) || !isPart(value)) return [key, changed(value, name)];
      const named = Object.entries(value).map(([of, part]): Entry => [of, changed(part, of)]);
      return [key, Object.fromEntries(named)];
    }),
  );
}

/** The parts that occur more than once, as text, with the name of each: that of a property that it describes. */
function repeated(schema: Part): ReadonlyMap<string, string> {
  const seen = new Set<string>();
  const named = new Map<string, string>();
  const taken = new Set(Object.keys((schema['$defs'] ?? {}) as Part));
  const free = (name: string, nth = 1): string => {
    const tried = nth === 1 ? name : `${name}-${nth}`;
    return taken.has(tried) ? free(name, nth + 1) : tried;
  };
  const visit = (part: Part, name: string): Part => {
    const text = JSON.stringify(part);
    if (!seen.has(text)) {
      seen.add(text);
      return mapInside(part, name, visit);
    }
    if (!named.has(text) && text.length >= WORTH) {
      named.set(text, free(name));
      taken.add(free(name));
    }
    return part;
  };
  mapInside(schema, 'part', visit);
  return named;
}

/** @returns a schema of the same meaning that says each part once */
export function shareParts(schema: JsonSchema): JsonSchema {
  const names = repeated(schema as Part);
  const inside = (part: Part): Part => mapInside(part, '', refer);
  const refer = (part: Part): Part => {
    const name = names.get(JSON.stringify(part));
    return name === undefined ? inside(part) : { $ref: `#/$defs/${name}` };
  };
  const { $defs = {}, ...rest } = schema as Part & { $defs?: Part };
  const shared = [...names].map(([text, name]): Entry => [name, inside(JSON.parse(text) as Part)]);
  const parts = { ...inside($defs), ...Object.fromEntries(shared) };
  return { ...inside(rest), ...(Object.keys(parts).length > 0 && { $defs: parts }) } as JsonSchema;
}
