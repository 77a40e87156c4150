/** The command line that repeats a run: quoted so that it can be pasted into a shell. */

/** Needs no quotes in any POSIX shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word for a POSIX shell. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A whole command line.
 *
 * @example
 * commandLine(['ghostbound', 'run', '--policy', 'my policy.json']) // => "ghostbound run --policy 'my policy.json'"
 */
export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A flag once per value: `--policy a --policy b`. */
export function repeated(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}
