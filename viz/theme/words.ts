/** Names as parts of a sentence: named where a reader can hold them in mind, else the first ones and how many more. */
import { formatList } from '../../text/lists.ts';

const MOST_NAMED = 3;

/** Policies by name; `'none'` in quotes, and no more than three of them. */
export function namesOrCount(names: readonly string[], of: number): string {
  if (names.length === of && of > MOST_NAMED) return 'every policy here';
  const quoted = names.map((name) => (name === 'none' ? "'none'" : name));
  if (names.length <= MOST_NAMED) return formatList(quoted);
  const shown = quoted.slice(0, MOST_NAMED - 1);
  return `${shown.join(', ')} and ${names.length - shown.length} more`;
}
