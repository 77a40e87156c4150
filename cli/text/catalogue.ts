/** Lists of named things, and one of them as JSON that the other verbs take as a file. */
import type { Terminal } from '../terminal/terminal.ts';
import { renderTable, type Column } from '../../text/table.ts';
import { printable } from '../../text/width.ts';

export interface Entry {
  readonly name: string;
  readonly title: string;
  /** Tags of a scenario, mechanisms of a policy. */
  readonly words: readonly string[];
}

/** One line per entry: name, title, words. */
export function catalogueText(
  entries: readonly Entry[],
  noun: string,
  wordsHeader: string,
  terminal: Terminal,
): string {
  const columns: Column<Entry>[] = [
    { header: noun, align: 'left', cell: ({ name }) => printable(name), flexible: 'above' },
    {
      header: 'what it is',
      align: 'left',
      cell: ({ title }) => printable(title),
      flexible: 'wrap',
    },
    {
      header: wordsHeader,
      align: 'left',
      cell: ({ words }) => printable(words.join(' ')),
      expendable: 1,
    },
  ];
  const style = { columns: terminal.columns, paint: terminal.paint };
  return `${renderTable(columns, entries, style).join('\n')}\n`;
}

/** A policy or scenario as a file: indented, with a newline at its end. */
export function definitionText(definition: object): string {
  return `${JSON.stringify(definition, null, 2)}\n`;
}
