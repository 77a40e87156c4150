/** What only a process has: how it starts, its threads, streams and signals; and that the compiled program does what its sources do. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { verbs } from '../../cli/verbs/index.ts';
import { compiled, ghostbound, program } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a cold start', () => {
  it.each([[['--help']], [['--version']], [['compare', '--help']]])(
    '%j loads neither machines, simulator nor charts',
    (args) => {
      const hook = `import { register } from 'node:module';
        register('data:text/javascript,' + encodeURIComponent(
          'export async function load(url, c, n) { process._rawDebug(url); return n(url, c); }'));`;
      const done = spawnSync(
        process.execPath,
        ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, program, ...args],
        { encoding: 'utf8' },
      );
      expect(done.status).toBe(0);
      const opened = done.stderr.match(/(?<=^file:\/\/)\S+$/gm) ?? [];
      const listed = readFileSync(join(dirname(program), 'parts.json'), 'utf8');
      const bundled = JSON.parse(listed) as Record<string, string[]>;
      const parts = opened.flatMap((file) => bundled[basename(file)] ?? []);
      expect(parts).toContain('cli/program.js');
      const needless = /xstate|vega|(?:^|\/)(?:sim|scenarios|viz|lab)\//;
      expect([...opened, ...parts].filter((part) => needless.test(part))).toEqual([]);
    },
  );
});

const traces = fileURLToPath(new URL('../kernel-traces', import.meta.url));
const cell = ['--policy', 'alive-flag-sweep', '--scenario', 'vanish-idle'];
const misspelt = join(folder, 'misspelt.json');
writeFileSync(misspelt, '{"name":"x","mechanisms":[{"kind":"user-timeout","timeoutMS":"20s"}]}');

/** A line of each verb, by its first word; one with another exit code where it is cheap. */
const lines: Readonly<Record<string, readonly string[]>> = {
  compare: [...cell, '--runs', '20', '--max-ghost', '45s'],
  run: cell,
  verify: [...cell, '--runs', '2', '--phases', '2'],
  report: [...cell, '--runs', '20', '--json', '--out', join(folder, 'page.html')],
  policies: ['options', 'socket.io'],
  scenarios: ['--json'],
  stacks: [],
  lint: ['none'],
  tune: ['--max-ghost', '45s', '--fault', 'vanish-idle', '--allow', 'sweep'],
  conform: [join(traces, 'idle-keepalive-10-5-3.json')],
  merge: [misspelt],
  // What it plays takes real time, and no two lives are alike.
  lab: ['nat-forgets', '--policy', 'none'],
};

describe('the compiled program', () => {
  it.each(verbs.map(({ name }) => name))('does what its sources do: %s', async (verb) => {
    const line = lines[verb];
    if (line === undefined) throw new Error(`no line of ${verb}`);
    expect(compiled([verb, ...line])).toEqual(await ghostbound([verb, ...line]));
  });

  it('has its charts and their drawers with it', () => {
    const out = join(folder, 'charts');
    const done = compiled(['report', ...cell, '--runs', '20', '--format', 'png', '--out', out]);
    expect(done.code).toBe(0);
    const files = readdirSync(out);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      expect(readFileSync(join(out, file), 'latin1').startsWith('\u0089PNG')).toBe(true);
    }
  });

  it('finds files beside the one who calls it', () => {
    const { code, err } = compiled(['compare', '--policy', 'misspelt.json'], folder);
    expect(err).toMatch(/misspelt\.json: mechanisms\[0\]\.timeoutMS: .*did you mean "timeoutMs"/);
    expect(code).toBe(2);
  });
});

describe('threads', () => {
  it('yield the bytes that one alone yields', async () => {
    // A second of work: others join only where there is something left for them.
    const stories = ['--scenario', 'vanish-idle', '--scenario', 'live-active'];
    const grid = ['compare', '--policy', 'alive-flag-sweep', ...stories, '--runs', '500', '--json'];
    expect(compiled([...grid, '--jobs', '3'])).toEqual(await ghostbound(grid));
  });
});

/** A line on standard error once somebody listens to SIGINT. */
const TELLS_LISTENING = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('newListener', (name) => name === 'SIGINT' && writeSync(2, 'listens'));`)}`;

describe('a signal', () => {
  it('ends with 130 when interrupted, and leaves no file', async () => {
    const path = join(folder, 'interrupted.json');
    const words = [program, 'compare', '--runs', '100000', '--json', '--out', path];
    const child = spawn(process.execPath, ['--import', TELLS_LISTENING, ...words]);
    await once(child.stderr, 'data');
    setTimeout(() => child.kill('SIGINT'), 500);
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(130);
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('streams', () => {
  it('a reader that goes away is no fault; a full disk is', () => {
    const shell = (line: string) =>
      spawnSync('sh', ['-c', line], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
    const command = `"${process.execPath}" "${program}"`;
    const head = shell(`${command} policies list | head -n 1`);
    expect(head.stdout.split('\n')).toHaveLength(2);
    expect(head.stderr).toBe('');
    const full = shell(`${command} policies list > /dev/full`);
    expect(full.status).toBe(2);
    expect(full.stderr).toContain('could not be written (ENOSPC)');
  });
});
