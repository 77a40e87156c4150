/** docs/cli.md says what the program says: help texts are copied in, exit codes are all there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/terminal/exit.ts';
import { buildProgram } from '../../cli/program.ts';
import { captured } from './support.ts';

const path = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));
const document = readFileSync(path, 'utf8');
const BLOCK = /<!-- help (\S+) -->\n[^]*?<!-- \/help -->/g;

const { terminal, out } = captured();
const program = buildProgram(terminal, () => undefined);

function helpOf(command: Command): string {
  const before = out().length;
  command.outputHelp();
  return out().slice(before).trimEnd();
}

function written(): string {
  return document.replace(BLOCK, (_block, verb: string) => {
    const command = program.commands.find((each) => each.name() === verb);
    if (command === undefined) throw new Error(`docs/cli.md speaks of an unknown verb ${verb}`);
    return `<!-- help ${verb} -->\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n\n<!-- /help -->`;
  });
}

describe('docs/cli.md', () => {
  it('holds the help of every verb (GHOSTBOUND_UPDATE_DOCS=1 writes it anew)', () => {
    const fresh = written();
    if (process.env['GHOSTBOUND_UPDATE_DOCS'] === '1') writeFileSync(path, fresh);
    expect(readFileSync(path, 'utf8')).toBe(fresh);
    const described = [...document.matchAll(BLOCK)].map(([, verb]) => verb);
    const verbs = program.commands.map((command) => command.name());
    expect(described.toSorted()).toEqual(verbs.filter((name) => name !== 'overview').toSorted());
  });

  it('holds every exit code, as does the help', () => {
    const listed = [...document.matchAll(/^\| +(\d+) \|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(ExitCode));
    const help = helpOf(program);
    for (const code of listed) expect(help).toMatch(new RegExp(`\\b${code} `));
  });
});
