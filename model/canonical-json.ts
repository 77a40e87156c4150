/**
 * One text per value: JSON without spaces, object keys in code-unit order (as RFC 8785 sorts them),
 * so that equal values have equal bytes and equal fingerprints.
 */

/**
 * The canonical text of a JSON value. Fields whose value is undefined are left out.
 *
 * @example
 * canonicalJson({ b: 1, a: [true, null], c: undefined }) // => '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${entries.join(',')}}`;
}
