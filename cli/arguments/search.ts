/** Finding some of many named things by words that stand anywhere in what is said of them. */
import type { Result } from '../../model/issue.ts';
import { nearestFew } from '../../model/spelling.ts';

/** Things of which all words are said, upper and lower case alike; an issue where there is none. */
export function searched<T>(
  things: readonly T[],
  said: (thing: T) => readonly string[],
  words: readonly string[],
  noun: string,
): Result<readonly T[]> {
  const wanted = words.map((word) => word.toLowerCase());
  const found = things.filter((thing) => {
    const texts = said(thing).map((text) => text.toLowerCase());
    return wanted.every((word) => texts.some((text) => text.includes(word)));
  });
  if (found.length > 0) return { ok: true, value: found };
  const names = [...new Set(things.flatMap((thing) => said(thing).slice(0, -1)))];
  const hint = `the nearest: ${nearestFew(words.join(' '), names).join(', ')}`;
  const received = JSON.stringify(words.join(' '));
  const expected = `a word in the name, tags or description of any of ${things.length}`;
  return { ok: false, issues: [{ code: 'unknown-name', path: noun, received, expected, hint }] };
}
