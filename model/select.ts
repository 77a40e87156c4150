/** Finding built-in things by the name a user typed. */
import type { Issue, Result } from './issue.ts';
import { didYouMean, nearestFew } from './spelling.ts';

/**
 * The entry called `name`, or an issue that names the nearest one.
 *
 * @param noun what is looked for, singular and plural: `['policy', 'policies']`
 */
export function selectByName<T>(
  record: Readonly<Record<string, T>>,
  name: string,
  noun: readonly [singular: string, plural: string],
): Result<T> {
  const found = Object.hasOwn(record, name) ? record[name] : undefined;
  if (found !== undefined) return { ok: true, value: found };
  return { ok: false, issues: [unknownName(noun[0], name, Object.keys(record), noun[1])] };
}

/** The issue for a name that nothing has. */
export function unknownName(
  path: string,
  name: string,
  names: readonly string[],
  plural: string,
): Issue {
  return {
    code: 'unknown-name',
    path,
    received: JSON.stringify(name),
    expected: `one of the built-in ${plural}`,
    hint:
      didYouMean(name, names) ??
      `the nearest of ${names.length}: ${nearestFew(name, names).join(', ')}`,
  };
}
