/** What is said of a command line that is none, in the form of all other messages. */
import type { Command } from 'commander';
import { InputError } from '../../model/issue.ts';
import { didYouMean } from '../../model/spelling.ts';

/** A word where a verb should be. */
export function unknownVerb(word: string, program: Command): InputError {
  const verbs = program.commands.map((command) => command.name()).filter((n) => n !== 'overview');
  const hint = verbs.includes(word)
    ? 'the verb comes first, its flags after it'
    : didYouMean(word, verbs);
  return new InputError([
    {
      code: 'unknown-verb',
      path: 'verb',
      received: JSON.stringify(word),
      expected: `one of ${verbs.join(', ')}`,
      ...(hint !== undefined && { hint }),
    },
  ]);
}

/** The parser's own complaints in the form of all others: one line, the program's name in front. */
export function usageMessage(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
  return `ghostbound: ${line}\n`;
}
