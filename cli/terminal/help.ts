/** Help that begins with examples and fits the terminal. */
import type { Command, HelpConfiguration } from 'commander';
import { exampleLines, type Example } from '../../text/commands.ts';
import { displayWidth, SENTENCE_COLUMNS, wrap } from '../../text/width.ts';

/** Help in pipes and files has the usual width. */
const USUAL_COLUMNS = 80;

/** Narrower descriptions go below their flags. */
const LEAST_DESCRIPTION_COLUMNS = 36;

const INDENT = '  ';
const GAP = '  ';

/** How wide help may be where stdout has so many columns. */
function helpColumns(columns: number): number {
  return Number.isFinite(columns) ? Math.min(SENTENCE_COLUMNS, columns) : USUAL_COLUMNS;
}

/** A flag or verb and what it does: side by side where there is room for both. */
function item(term: string, termWidth: number, description: string, columns: number): string {
  const room = columns - INDENT.length - termWidth - GAP.length;
  if (description === '') return INDENT + term;
  if (room >= LEAST_DESCRIPTION_COLUMNS) {
    const [first = '', ...rest] = wrap(description, room);
    const space = ' '.repeat(termWidth - displayWidth(term));
    const below = ' '.repeat(INDENT.length + termWidth + GAP.length);
    return [INDENT + term + space + GAP + first, ...rest.map((line) => below + line)].join('\n');
  }
  const below = INDENT.repeat(3);
  const lines = wrap(description, columns - below.length).map((line) => below + line);
  return [INDENT + term, ...lines].join('\n');
}

/** How the parser lays out help. */
export function helpLayout(columns: number): HelpConfiguration {
  const helpWidth = helpColumns(columns);
  return {
    helpWidth,
    formatItem: (term, termWidth, description) => item(term, termWidth, description, helpWidth),
    boxWrap: (text, width) => wrap(text, Math.min(width, helpWidth)).join('\n'),
  };
}

/** Puts examples at the beginning of a verb's help. */
export function withExamples(
  command: Command,
  examples: readonly (string | Example)[],
  columns: number,
): Command {
  const all = examples.map((one) => (typeof one === 'string' ? { command: one } : one));
  const lines = exampleLines(all, helpColumns(columns), '$ ');
  return command.addHelpText('before', `Examples:\n${lines.join('\n')}\n`);
}
