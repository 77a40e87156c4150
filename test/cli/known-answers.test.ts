/** Answers of earlier runs of the program: the same bytes with and without, and never those of another question or another engine. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterAll, describe, expect, it } from 'vitest';
import { hashOfFolder } from '../../cli/cache/engine.ts';
import { cacheHome, KnownAnswers } from '../../cli/cache/known-answers.ts';
import { playGrid, witnessGrid } from '../../cli/grid/pool.ts';
import type { Answer } from '../../cli/grid/work.ts';
import { presets } from '../../model/policy/index.ts';
import type { Policy } from '../../model/policy/types.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';
import { root } from '../house/sources.ts';
import { program } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-answers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let homes = 0;
const newHome = (): string => join(folder, `home-${(homes += 1)}`);

const policiesOf = (...names: string[]): Policy[] => names.map((name) => presets[name] as Policy);
const stories = ['vanish-idle', 'live-outage-29s', 'fd-exhaustion', 'deploy'].flatMap(
  (name) => scenarios[name] ?? [],
);
const grid = {
  policies: policiesOf('alive-flag-sweep', 'none'),
  scenarios: stories,
  runs: 20,
  seed: 1n,
};

/** Counts what is asked of it. */
class Counting extends KnownAnswers {
  found = 0;
  missed = 0;

  override read(question: readonly unknown[]): unknown {
    const answer = super.read(question);
    if (answer === undefined) this.missed += 1;
    else this.found += 1;
    return answer;
  }
}

const silent = (): void => undefined;
const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));

describe('answers of earlier runs', () => {
  it('are the same bytes as those that are worked out', async () => {
    const home = newHome();
    const without = text(await playGrid(grid, { jobs: 1, known: null }, silent));
    const first = new Counting(home, 'engine');
    expect(text(await playGrid(grid, { jobs: 1, known: first }, silent))).toBe(without);
    expect([first.found, first.missed > 0]).toEqual([0, true]);
    const second = new Counting(home, 'engine');
    expect(text(await playGrid(grid, { jobs: 1, known: second }, silent))).toBe(without);
    expect([second.found, second.missed]).toEqual([first.missed, 0]);
  });

  it('are taken where the cell has another place in another grid', async () => {
    const home = newHome();
    await playGrid(grid, { jobs: 1, known: new KnownAnswers(home, 'engine') }, silent);
    const known = new Counting(home, 'engine');
    const other = {
      ...grid,
      policies: policiesOf('none', 'alive-flag-sweep'),
      scenarios: stories.toReversed(),
    };
    const taken = text(await playGrid(other, { jobs: 1, known }, silent));
    expect(known.missed).toBe(0);
    expect(taken).toBe(text(await playGrid(other, { jobs: 1, known: null }, silent)));
  });

  it('of witnesses are the same, too', async () => {
    const small = { ...grid, scenarios: stories.slice(0, 2), runs: 2 };
    const home = newHome();
    const told: string[] = [];
    for (const known of [null, ...['a', 'a'].map((engine) => new KnownAnswers(home, engine))]) {
      const { sampled, witnessed } = await witnessGrid(small, 2, { jobs: 1, known }, silent);
      told.push(text([sampled, witnessed(0, 0), witnessed(0, 1), witnessed(1, 1)]));
    }
    expect(told).toEqual([told[0], told[0], told[0]]);
  });

  it.each([
    ['another seed', { ...grid, seed: 2n }],
    ['another number of runs', { ...grid, runs: 21 }],
    [
      'another policy of the same name',
      {
        ...grid,
        policies: policiesOf('alive-flag-sweep', 'none').map((policy) => ({
          ...policy,
          peerHeartbeat: {
            everyMs: 10_000,
            sign: 'ping',
            bytes: 8,
            sentBy: 'websocket',
          } as const,
        })),
      },
    ],
    [
      'another scenario of the same name',
      { ...grid, scenarios: stories.map((one) => ({ ...one, path: { ...one.path, rttMs: 60 } })) },
    ],
  ])('are not those of %s', async (_, other) => {
    const home = newHome();
    await playGrid(grid, { jobs: 1, known: new KnownAnswers(home, 'engine') }, silent);
    const known = new Counting(home, 'engine');
    const played = text(await playGrid(other, { jobs: 1, known }, silent));
    expect(played).toBe(text(await playGrid(other, { jobs: 1, known: null }, silent)));
    expect(known.missed).toBeGreaterThan(0);
  });

  it('are not those of another engine, nor of a file that is broken', () => {
    const home = newHome();
    const known = new KnownAnswers(home, 'a'.repeat(64));
    known.keep(['question'], { answer: Infinity });
    expect(known.read(['question'])).toEqual({ answer: Infinity });
    expect(known.read(['another'])).toBeUndefined();
    // The same beginning, by which the folder is called.
    const other = `${'a'.repeat(63)}b`;
    expect(new KnownAnswers(home, other).read(['question'])).toBeUndefined();
    const [engine = ''] = readdirSync(home);
    const [file = ''] = readdirSync(join(home, engine));
    const path = join(home, engine, file);
    writeFileSync(path, readFileSync(path).subarray(0, 10));
    expect(known.read(['question'])).toBeUndefined();
  });

  it('are not those of a question that is alike but for Infinity and null', () => {
    const known = new KnownAnswers(newHome(), 'engine');
    known.keep(['cell', { watchMs: Infinity }], 'one');
    expect(known.read(['cell', { watchMs: Infinity }])).toBe('one');
    expect(known.read(['cell', { watchMs: null }])).toBe(undefined);
  });

  it('of an engine to which nothing was added for a month go when another one comes', () => {
    const home = newHome();
    for (const engine of ['old', 'young']) new KnownAnswers(home, engine).keep([1], 1);
    const monthAgo = Date.now() / 1000 - 31 * 86_400;
    utimesSync(join(home, 'old'), monthAgo, monthAgo);
    new KnownAnswers(home, 'new').keep([1], 1);
    expect(readdirSync(home).toSorted()).toEqual(['new', 'young']);
  });

  it('are not kept where nothing can be written', () => {
    const known = new KnownAnswers('/dev/null/ghostbound', 'engine');
    known.keep([1], 1);
    expect(known.read([1])).toBeUndefined();
  });

  it('lie where XDG says, and a relative place is none', () => {
    expect(cacheHome({ XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/ghostbound/answers');
    const own = cacheHome({});
    expect(own).toMatch(/\/\.cache\/ghostbound\/answers$/);
    expect(cacheHome({ XDG_CACHE_HOME: 'here' })).toBe(own);
  });
});

describe('the compiled program', () => {
  const run = (main: string, home: string, ...words: string[]): string => {
    const { stdout } = spawnSync(process.execPath, [main, ...words], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: home, NO_COLOR: '1' },
    });
    return stdout;
  };
  const kept = (home: string): string[] =>
    readdirSync(join(home, 'ghostbound', 'answers')).flatMap((engine) =>
      readdirSync(join(home, 'ghostbound', 'answers', engine)).map((file) => `${engine}/${file}`),
    );
  const lines = [
    ['compare', '--policy', 'none', '--scenario', 'vanish-idle', '--runs', '5', '--json'],
    ['lint', 'none', '--json'],
  ];

  it.each(lines)('%s %s prints the same with answers of an earlier run', (...words) => {
    const home = newHome();
    const first = run(program, home, ...words);
    expect(first).not.toBe('');
    const files = kept(home);
    expect(files.length).toBeGreaterThan(0);
    expect(run(program, home, ...words)).toBe(first);
    expect(run(program, home, ...words, '--no-cache')).toBe(first);
    expect(kept(home)).toEqual(files);
  });

  it('keeps the same answers on any number of threads', () => {
    // Work for more than a thread's start: others are started for it.
    const words = ['compare', '--policy', 'alive-flag-sweep', '--scenario', '@live', '--json'];
    const [one, two] = [newHome(), newHome()];
    const first = run(program, one, ...words, '--runs', '10', '--jobs', '1');
    expect(run(program, two, ...words, '--runs', '10', '--jobs', '2')).toBe(first);
    expect(kept(two).toSorted()).toEqual(kept(one).toSorted());
    expect(run(program, two, ...words, '--runs', '10')).toBe(first);
  });

  it('takes what it has kept, and keeps nothing that it is told not to', () => {
    const home = newHome();
    const [line = []] = lines;
    run(program, home, ...line, '--no-cache');
    expect(() => kept(home)).toThrow(/ENOENT/);
    const honest = run(program, home, ...line);
    // A chunk of lives that was tampered with shows.
    for (const file of kept(home)) {
      const path = join(home, 'ghostbound', 'answers', file);
      const answer = deserialize(readFileSync(path)) as Answer;
      if (answer.kind !== 'played') continue;
      const { part } = answer.played;
      const played = { ...answer.played, part: { ...part, packets: part.packets + 1_000 } };
      writeFileSync(path, serialize({ kind: 'played', played } satisfies Answer));
    }
    expect(run(program, home, ...line)).not.toBe(honest);
    expect(run(program, home, ...line, '--no-cache')).toBe(honest);
  });

  it('is another engine when a byte of it is another', () => {
    const copy = join(folder, 'package');
    mkdirSync(copy);
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
    cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const main = join(copy, 'dist/cli/main.js');
    const before = hashOfFolder(dirname(main));
    expect(before).toBe(hashOfFolder(dirname(program)));
    const home = newHome();
    const [line = []] = lines;
    const printed = run(main, home, ...line);
    const files = kept(home).length;
    appendFileSync(main, '\n');
    expect(hashOfFolder(dirname(main))).not.toBe(before);
    expect(run(main, home, ...line)).toBe(printed);
    expect(kept(home).length).toBe(2 * files);
  });
});
