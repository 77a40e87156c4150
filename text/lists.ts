/** Several names as one part of a sentence. */

/** `a`, `a and b`, `a, b and c`. */
export function formatList(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Policies as the subject of a sentence: by name up to three, else by number; `'none'` in quotes. */
export function formatPolicies(names: readonly string[]): string {
  if (names.length > 3) return `${names.length} policies`;
  return formatList(names.map((name) => (name === 'none' ? "'none'" : name)));
}
