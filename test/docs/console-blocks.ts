/** Finds the ```console blocks of a Markdown page: commands after `$ `, and what they print. */

export interface ConsoleCommand {
  readonly line: number;
  readonly command: string;
  /** What the page shows; a line that is only `…` stands for any number of lines. */
  readonly output: string;
}

export function consoleCommands(markdown: string): ConsoleCommand[] {
  const commands: { line: number; command: string; output: string[] }[] = [];
  let inside = false;
  markdown.split('\n').forEach((text, index) => {
    if (text.startsWith('```')) inside = !inside && text === '```console';
    else if (inside && text.startsWith('$ ')) {
      commands.push({ line: index + 1, command: text.slice(2), output: [] });
    } else if (inside) commands.at(-1)?.output.push(text);
  });
  return commands.map(({ output, ...rest }) => ({ ...rest, output: output.join('\n').trim() }));
}

/** Whether the printed text is what the page shows, `…` lines standing for anything. */
export function showsTheSame(shown: string, printed: string): boolean {
  const pieces = shown
    .split(/^…$/m)
    .map((piece) => piece.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pieces.join('[\\s\\S]*')}$`).test(printed.trim());
}

/** The page with what the command at `line` really prints. */
export function withOutput(markdown: string, line: number, printed: string): string {
  const lines = markdown.split('\n');
  let end = line;
  while (end < lines.length && !/^(\$ |```)/.test(lines[end] ?? '')) end += 1;
  const next = lines[end]?.startsWith('$ ') ? [''] : [];
  return [
    ...lines.slice(0, line),
    ...printed.trimEnd().split('\n'),
    ...next,
    ...lines.slice(end),
  ].join('\n');
}
