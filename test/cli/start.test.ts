import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { program } from './command.ts';

const module = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

/** One line on standard error for each file that is opened as a module. */
const TELLS_FILES = module(`
  import { register } from 'node:module';
  register(${JSON.stringify(
    module(`
      import { writeSync } from 'node:fs';
      export async function load(url, context, next) {
        if (url.startsWith('file:')) writeSync(2, 'opens ' + url + String.fromCharCode(10));
        return next(url, context);
      }`),
  )});`);

function opened(...args: readonly string[]): readonly string[] {
  const words = ['--import', TELLS_FILES, program, ...args];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(status).toBe(0);
  return stderr.match(/^opens .*$/gm) ?? [];
}

describe('the start of the command line', () => {
  it('opens a few files, all of them its own: opening one costs more than running it', () => {
    const files = opened('policies');
    expect(files.length).toBeGreaterThan(0);
    expect(files.length).toBeLessThan(25);
    expect(files.filter((file) => !file.includes('/dist/cli/'))).toEqual([]);
  });

  it('names every package that it carries, with its licence', () => {
    const notices = readFileSync(new URL('THIRD-PARTY.txt', `file://${program}`), 'utf8');
    const headings = notices.match(/^\S+(?= \d+\.\d+\.\d+$)/gm);
    const packages = ['@noble/hashes', 'commander', 'jsonc-parser', 'valibot', 'xstate', 'yaml'];
    expect(headings).toEqual(packages);
    expect(notices.match(/^copyright .*/gim)?.length).toBeGreaterThanOrEqual(packages.length);
  });

  it('leaves no file of the command line outside its bundle', () => {
    const folder = fileURLToPath(new URL('.', `file://${program}`));
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['main.js', 'worker.js']));
    expect(readdirSync(folder)).not.toContain('verbs');
  });
});
