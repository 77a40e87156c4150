/**
 * Adding a thing takes one file (or row), its line in a registry and one test: the worked examples of CONTRIBUTING.md, applied to
 * a copy of the sources, compile and pass; without its line in the registry a kind does not compile.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { existingRooms, root } from '../house/sources.ts';

/** A file that an example adds, or the lines that it adds to one that is there. */
interface Change {
  readonly path: string;
  readonly isNew: boolean;
  readonly text: string;
}

interface Example {
  readonly heading: string;
  readonly changes: readonly Change[];
}

const FENCE = /^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm;

/** The sections of the page that show files. */
const examples: readonly Example[] = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  .split(/^## /m)
  .map((section) => ({
    heading: section.split('\n', 1)[0] ?? '',
    changes: [...section.matchAll(FENCE)].map(([, language, path = '', text = '']) => ({
      path,
      isNew: language === 'ts',
      text,
    })),
  }))
  .filter(({ changes }) => changes.length > 0);

/** Puts each `+` line after the line above it in the example, which must be one of the file's. */
function withLines(file: string, diff: string): string {
  const lines = file.split('\n');
  let at = -1;
  for (const line of diff.trimEnd().split('\n')) {
    const rest = line.slice(1);
    if (line.startsWith('+')) lines.splice((at += 1), 0, rest);
    else at = lines.indexOf(rest);
    expect(at, `the registry has the line ${rest}`).toBeGreaterThanOrEqual(0);
  }
  return lines.join('\n');
}

/** Folders of the tests that hold what was recorded. */
const RECORDINGS = /kernel-traces|recordings|counterexamples/;

let copy = '';

function apply({ path, isNew, text }: Change): void {
  const file = join(copy, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, isNew ? text : withLines(readFileSync(file, 'utf8'), text));
}

/** What the compiler is to look at in the copy. */
function settings(name: string, include: readonly string[]): void {
  writeFileSync(join(copy, name), JSON.stringify({ extends: './tsconfig.json', include }));
}

/** Runs a tool of the project in the copy; what it said, and nothing where it was content. */
function complaints(tool: string, ...words: readonly string[]): string {
  const ran = spawnSync(join(root, 'node_modules/.bin', tool), words, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return ran.status === 0 ? '' : `${ran.stdout}${ran.stderr}`;
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'ghostbound-adding-'));
  const parts = [...existingRooms, 'index.ts', 'test', 'package.json', 'tsconfig.json'];
  const isSource = (path: string): boolean =>
    statSync(path).isDirectory() || /\.(ts|json)$/.test(path);
  const filter = (path: string): boolean => !RECORDINGS.test(path) && isSource(path);
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true, filter });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const tests = examples.flatMap(({ changes }) =>
    changes.map(({ path }) => path).filter((path) => path.startsWith('test/')),
  );
  const include = [...existingRooms, 'index.ts', ...tests];
  settings('tsconfig.examples.json', include);
  settings('tsconfig.lost.json', ['model', 'scenarios/catalog', 'sim/kernel']);
  const config =
    'export default { test: { testTimeout: 60_000, isolate: false, maxWorkers: 1 } };\n';
  writeFileSync(join(copy, 'vitest.config.ts'), config);
  for (const { changes } of examples) changes.forEach(apply);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('adding', () => {
  it('is shown for a mechanism, a fault, a silence, an option, a policy, a rule and a verb', () => {
    expect(examples.map(({ heading }) => heading)).toEqual([
      'Adding a mechanism',
      'Adding a fault',
      'Adding a silence',
      'Adding a socket option',
      'Adding a built-in policy',
      'Adding a rule of the linter',
      'Adding a verb',
    ]);
  });

  it.each(examples)('$heading: one file or row, its line in one registry, one test', (example) => {
    const [thing, registry, test, ...more] = example.changes;
    expect(more).toEqual([]);
    const isRow = example.heading === 'Adding a socket option';
    expect([thing?.isNew, registry?.isNew, test?.isNew]).toEqual([!isRow, false, true]);
    expect(test?.path).toMatch(/^test\/.*\.test\.ts$/);
    const added = registry?.text.split('\n').filter((line) => line.startsWith('+')) ?? [];
    // What it is called, and, of a file, where it is from.
    expect(added.filter((line) => line.startsWith('+import '))).toHaveLength(isRow ? 0 : 1);
    expect(added).toHaveLength(isRow ? 1 : 2);
  });

  it('compiles with nothing more, and the tests of the examples pass', { timeout: 120_000 }, () => {
    expect(complaints('tsc', '-p', 'tsconfig.examples.json', '--noEmit')).toBe('');
    const tests = examples.flatMap(({ changes }) => changes.slice(-1).map(({ path }) => path));
    expect(complaints('vitest', 'run', '--root', copy, ...tests)).toBe('');
  });

  it('does not compile where a kind has lost its line', { timeout: 120_000 }, () => {
    const lose = (path: string, ...lines: readonly string[]): void => {
      const file = join(copy, path);
      const kept = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => !lines.includes(line.trim()));
      writeFileSync(file, kept.join('\n'));
    };
    const imported = (name: string, from: string): string => `import { ${name} } from '${from}';`;
    lose('model/mechanisms/index.ts', "'peer-closed': peerClosed,");
    lose('model/mechanisms/index.ts', imported('peerClosed', './peer-closed.ts'));
    lose('model/faults/index.ts', "'half-close': halfClose,");
    lose('model/faults/index.ts', imported('halfClose', './half-close.ts'));
    lose('model/faults/index.ts', 'plateau,', imported('plateau', './plateau.ts'));
    lose(
      'sim/kernel/socket-options.ts',
      'SO_SNDBUFFORCE: (sk, bytes) => setters.SO_SNDBUF(sk, bytes),',
    );
    const said = complaints('tsc', '-p', 'tsconfig.lost.json', '--noEmit');
    for (const kind of ['peer-closed', 'half-close', 'plateau', 'SO_SNDBUFFORCE']) {
      expect(said).toMatch(new RegExp(`["']?${kind}["']?`));
    }
  });
});
