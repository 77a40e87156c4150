/** What the charts of how long ghosts live say in a sentence: the range of B, and by name what escapes. */
import type { ComparisonRow } from '../../model/results/types.ts';
import { formatList } from '../../text/lists.ts';
import { formatMs } from '../../text/numbers.ts';
import { boundOf, boundWords, ghostState, isBounded } from '../data/cells.ts';
import { namesOrCount } from '../theme/words.ts';

/** The sentence a reader should take away of one fault: the range of B, and whom it escapes. */
export function finding(scenario: string, rows: readonly ComparisonRow[]): string {
  const bounded = rows.filter(isBounded).toSorted((a, b) => (a.boundMs ?? 0) - (b.boundMs ?? 0));
  const at = (row: ComparisonRow | undefined): readonly string[] =>
    bounded
      .filter((other) => row !== undefined && boundWords(other) === boundWords(row))
      .map(({ policy }) => policy);
  const first = bounded[0];
  const last = bounded.at(-1);
  const parts: string[] = [];
  if (first !== undefined && last !== undefined) {
    parts.push(
      boundWords(first) === boundWords(last)
        ? `${boundWords(first)} under ${namesOrCount(at(first), rows.length)}`
        : `${boundWords(first)} under ${namesOrCount(at(first), rows.length)} to ${formatMs(last.boundMs ?? 0, 'up')} under ${namesOrCount(at(last), rows.length)}`,
    );
  }
  const group = (words: string, test: (row: ComparisonRow) => boolean): void => {
    const names = rows.filter(test).map(({ policy }) => policy);
    if (names.length > 0) parts.push(`${words} ${namesOrCount(names, rows.length)}`);
  };
  group('never found by', (row) => ghostState(row) === 'never' && row.watchedOut);
  group('not found in the watch by', (row) => ghostState(row) === 'never' && !row.watchedOut);
  group('not always found by', (row) => ghostState(row) === 'partly-never');
  group(
    'not proved for',
    (row) => ghostState(row) === 'found' && boundOf(row).kind === 'not-proved',
  );
  group(
    'without bound under',
    (row) => ghostState(row) === 'found' && boundOf(row).kind === 'unlimited',
  );
  group('kept from happening by', (row) => ghostState(row) === 'prevented');
  if (parts.length === 0) return `${scenario}: no ghost came to be`;
  return `${scenario}: ${parts.join('; ')}`;
}

/** The sentence of one policy over all faults: its greatest B, and what escapes it, by name. */
export function findingOfPolicy(policy: string, rows: readonly ComparisonRow[]): string {
  const bounds = rows.filter(isBounded).map(({ boundMs }) => boundMs ?? 0);
  const parts: string[] = [];
  if (bounds.length > 0) {
    const greatest = formatMs(Math.max(...bounds), 'up');
    const least = formatMs(Math.min(...bounds), 'up');
    const all = bounds.length === rows.length;
    const where = all ? '' : ` in ${bounds.length === 1 ? 'one fault' : `${bounds.length} faults`}`;
    parts.push(
      least === greatest ? `B is ${least}${where}` : `B is ${least} to ${greatest}${where}`,
    );
  }
  const group = (words: string, test: (row: ComparisonRow) => boolean): void => {
    const names = rows.filter(test).map(({ scenario }) => scenario);
    if (names.length > 0) parts.push(`${words} ${formatList(names)}`);
  };
  group('never finds', (row) => ghostState(row) === 'never' && row.watchedOut);
  group('does not find in the watch', (row) => ghostState(row) === 'never' && !row.watchedOut);
  group('does not always find', (row) => ghostState(row) === 'partly-never');
  group(
    'B is not proved for',
    (row) => ghostState(row) === 'found' && boundOf(row).kind === 'not-proved',
  );
  group('no bound for', (row) => ghostState(row) === 'found' && boundOf(row).kind === 'unlimited');
  return parts.length === 0 ? `${policy}: no ghost came to be` : `${policy}: ${parts.join('; ')}`;
}
