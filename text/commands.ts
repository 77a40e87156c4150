/**
 * Commands as they are printed for people: broken where a shell allows it, so that what is copied from a narrow
 * terminal still runs, and each with a word on what it is for.
 */
import { displayWidth } from './width.ts';

/** A command, and what it is for. */
export interface Example {
  readonly command: string;
  readonly why?: string;
}

const CONTINUED = ' \\';

/** Before flags and before `&&`: a flag stays with its value. */
function breakable(command: string): string[] {
  return command.split(/ (?=--|&& )/);
}

/** The command in lines of at most `columns`, continued as a shell takes it; a longer part keeps its own line. */
export function wrapCommand(command: string, columns: number): string[] {
  if (displayWidth(command) <= columns) return [command];
  const lines: string[] = [];
  let line = '';
  for (const part of breakable(command)) {
    const longer = line === '' ? part : `${line} ${part}`;
    if (line !== '' && displayWidth(longer) + CONTINUED.length > columns) {
      lines.push(line + CONTINUED);
      line = `    ${part}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/**
 * Commands below each other, what they are for behind them; where that is too wide, above them as a comment.
 *
 * @param lead what each command begins with, `$ ` or nothing
 */
export function exampleLines(
  examples: readonly Example[],
  columns: number,
  lead = '',
  indent = '  ',
): string[] {
  const widths = examples.map(({ command }) => displayWidth(command));
  const behind = Math.max(0, ...widths);
  const whys = examples.map(({ why = '' }) => displayWidth(why));
  const wide = indent.length + lead.length + behind + 4 + Math.max(0, ...whys) <= columns;
  return examples.flatMap(({ command, why }, index) => {
    if (why !== undefined && wide) {
      const space = ' '.repeat(behind - (widths[index] ?? 0) + 2);
      return [`${indent}${lead}${command}${space}# ${why}`];
    }
    const room = columns - indent.length - lead.length;
    const lines = wrapCommand(command, room).map(
      (line, i) => `${indent}${i === 0 ? lead : ' '.repeat(lead.length)}${line}`,
    );
    return why === undefined ? lines : [`${indent}# ${why}`, ...lines];
  });
}
