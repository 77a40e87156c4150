/**
 * One JSON document that both a parser and a person can take: a field per line, and one line for
 * each element of a list, so that `grep`, `diff` and `head` work on it.
 */

function fieldText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n    ${value.map((element) => JSON.stringify(element)).join(',\n    ')}\n  ]`;
}

/** The document with a newline at its end. */
export function jsonDocument(document: object): string {
  const fields = Object.entries(document)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${fieldText(value)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}
