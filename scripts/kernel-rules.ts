/** docs/kernel-rules.md: where each rule of the kernel is, from the first sentences of the files that hold them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OPENING = `<!-- Generated from the files themselves by npm run generate. Do not edit. -->

# Where each rule of the kernel is

\`model/linux\` holds arithmetic and the timers' rules as pure steps on numbers; \`sim/kernel\` applies them to a socket. Each line is the first sentence of the file.
All timers of a connection stand in [what the simulated kernel does](kernel-model.md#timers-of-a-connection).
`;

/** The first sentence of a file's first comment, on one line. */
function firstSentence(text: string): string {
  const [, comment = ''] = /^\/\*\*([^]*?)\*\//.exec(text) ?? [];
  const plain = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n');
  const [paragraph = ''] = plain.trim().split(/\n\s*\n/);
  const line = paragraph.replaceAll(/\s+/g, ' ');
  // A stop ends a sentence where a capital follows: not in "tcp_timer.c tcp_retransmit_timer".
  const [sentence = line] = /^.*?[.](?=\s+[A-Z`]|$)/.exec(line) ?? [];
  return sentence.replace(/[.:]$/, '').replaceAll('|', '\\|');
}

function table(root: string, folder: string): string {
  const lines = readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map(
      (name) =>
        `| \`${name}\` | ${firstSentence(readFileSync(join(root, folder, name), 'utf8'))} |`,
    );
  return [`## \`${folder}\``, '', '| file | what it is |', '|---|---|', ...lines, ''].join('\n');
}

/** The page and its place. */
export function kernelRulesPage(root: string): { readonly path: string; readonly text: string } {
  const folders = ['model/linux', 'sim/kernel'];
  const text = [OPENING, ...folders.map((folder) => table(root, folder))].join('\n');
  return { path: 'docs/kernel-rules.md', text };
}
