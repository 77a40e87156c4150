/**
 * The commands that README and docs show are run, and print what the pages say.
 * GHOSTBOUND_UPDATE_DOCS=1 writes what they print into the pages instead.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ghostbound } from '../cli/command.ts';
import { root } from '../house/sources.ts';
import { consoleCommands, showsTheSame, withOutput } from './console-blocks.ts';

const pages = [
  'README.md',
  ...['docs', 'docs/questions'].flatMap((room) =>
    readdirSync(join(root, room))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${room}/${name}`),
  ),
];
const text = (page: string): string => readFileSync(join(root, page), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'ghostbound-docs-'));
const home = process.cwd();
// What a command reads and writes by name is where it was called.
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Only the product's own commands are run; `npm start` and installing have their own checks. */
const shown = pages.flatMap((page) =>
  consoleCommands(text(page))
    .filter(({ command }) => /^(npx )?ghostbound( |$)/.test(command))
    .map((block) => [`${page} ${block.command}`, { page, ...block }] as const),
);
const update = process.env['GHOSTBOUND_UPDATE_DOCS'] === '1';

/** Writes what a command prints below it. Lines above it may have moved since the page was read. */
function writeOutput(page: string, command: string, printed: string): void {
  const { line } = consoleCommands(text(page)).find((block) => block.command === command) ?? {
    line: 0,
  };
  writeFileSync(join(root, page), withOutput(text(page), line, printed));
}

describe('commands on the pages', () => {
  it('are there', () => expect(shown.length).toBeGreaterThan(2));

  it.each(shown)('%s', async (_, { page, command, output }) => {
    const args = (command.replace(/^(npx )?ghostbound ?/, '').match(/'[^']*'|\S+/g) ?? []).map(
      (word) => word.replaceAll("'", ''),
    );
    const { out, err } = await ghostbound(args);
    expect(err).not.toMatch(/^\s+at /m);
    const shows = output === '' || showsTheSame(output, out);
    if (update && !shows) writeOutput(page, command, out);
    // On a mismatch both texts are shown, and `…` lines are part of the difference.
    const same = update || shows;
    expect(same ? output : out.trim()).toBe(output);
  });
});
