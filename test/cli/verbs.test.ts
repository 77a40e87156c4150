/** The command line's verbs: arguments and files in, two streams and an exit code out. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ghostbound, played } from './command.ts';
import { expectSchema } from './schemas.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghostbound-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const traces = fileURLToPath(new URL('../kernel-traces', import.meta.url));
const idleTrace = join(traces, 'idle-keepalive-10-5-3.json');

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const cell = ['--policy', 'alive-flag-sweep', '--scenario', 'vanish-idle'];
const few = ['compare', ...cell, '--policy', 'none', '--runs', '50'];

describe('the bare command', () => {
  it('compares a few policies, says what to try next, and names the seed first and last', async () => {
    const { code, out, err } = await ghostbound([]);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ghostbound \S+ · seed 1 · \d policies × \d scenarios/);
    expect(lines.at(-1)).toBe('repeat: ghostbound --seed 1');
    expect(out).toContain('Next:');
    expect(err).toBe('');
    expect(code).toBe(0);
  });
});

describe('compare', () => {
  it('prints one valid document with --json and nothing else', async () => {
    const { code, out, err } = await ghostbound([...few, '--json', '--quiet']);
    expectSchema('compare', out);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('prints the same bytes for one seed, however written, and from merged shards', async () => {
    const one = await ghostbound([...few, '--json', '--seed', '42']);
    expect(one.code).toBe(0);
    expect((await ghostbound([...few, '--json', '--seed', '0x2a'])).out).toBe(one.out);
    const shares = await played([...few, '--seed', '42'], ['1/3', '3/3', '2/3'], folder);
    expect(await ghostbound(['merge', ...shares, '--json'])).toEqual(one);
    expect((await ghostbound([...few, '--json', '--seed', '43'])).out).not.toBe(one.out);
  });

  it('gives people the same words from shards as from one run', async () => {
    const { out } = await ghostbound(['merge', ...(await played(few, ['1/2', '2/2'], folder))]);
    expect(out).toBe((await ghostbound(few)).out);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^repeat: ghostbound compare .* --seed 1$/);
  });

  it('holds the thresholds', async () => {
    // A 30 s sweep needs up to 60 s, so 45 s fails and 61 s holds.
    const failed = await ghostbound(['compare', ...cell, '--runs', '100', '--max-ghost', '45s']);
    expect(failed.code).toBe(1);
    expect(failed.err.trimEnd().split('\n').at(-1)).toMatch(
      /^replay: ghostbound run --policy alive-flag-sweep --scenario vanish-idle --seed 1 --index \d+ --max-ghost 45s$/,
    );
    expect(
      (await ghostbound(['compare', ...cell, '--runs', '100', '--max-ghost', '61s'])).code,
    ).toBe(0);
    expect(
      (await ghostbound(['compare', ...cell, '--max-overhead', '1/h', '--runs', '100'])).code,
    ).toBe(1);
    const living = ['compare', '--policy', 'none', '--scenario', 'live-outage-9s', '--runs', '100'];
    expect((await ghostbound([...living, '--no-false-reaps'])).code).toBe(0);
    expect((await ghostbound([...living, '--max-ghost', '45s'])).code).toBe(6);
    expect((await ghostbound([...few, '--strict'])).code).toBe(1); // 50 runs give no p99
  });

  it('accepts what policies show and scenarios show print', async () => {
    const policy = join(folder, 'sweep.json');
    const scenario = join(folder, 'gone.json');
    await ghostbound(['policies', 'show', 'alive-flag-sweep', '--out', policy]);
    await ghostbound(['scenarios', 'show', 'vanish-idle', '--out', scenario]);
    const files = ['--policy', policy, '--scenario', scenario, '--policy', 'none', '--runs', '50'];
    expect((await ghostbound(['compare', ...files, '--json'])).out).toBe(
      (await ghostbound([...few, '--json'])).out,
    );
  });

  it('writes --out whole, and says so on stderr', async () => {
    const path = join(folder, 'result.json');
    expect(await ghostbound([...few, '--json', '--out', path])).toMatchObject({ code: 0, out: '' });
    expectSchema('compare', readFileSync(path, 'utf8'));
  });
});

describe('run', () => {
  it('prints a valid document with --json, the same for the same seed', async () => {
    const first = await ghostbound(['run', ...cell, '--json', '--seed', '7']);
    expectSchema('run', first.out);
    expect(first.code).toBe(0);
    expect((await ghostbound(['run', ...cell, '--json', '--seed', '7'])).out).toBe(first.out);
    const run = JSON.parse(first.out) as { faultAtMs: number; decidedAtMs: number };
    // 30 s sweep: the second tick after the fault acts, 30 to 60 s later.
    expect(run.decidedAtMs - run.faultAtMs).toBeGreaterThan(30_000);
    expect(run.decidedAtMs - run.faultAtMs).toBeLessThanOrEqual(60_000);
  });

  it('shows people the timeline, the four instants and the command that repeats it', async () => {
    const { out } = await ghostbound(['run', ...cell]);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^ghostbound \S+ · seed 1 · alive-flag-sweep on vanish-idle · \d+ events$/,
    );
    expect(lines.at(-1)).toBe(
      'repeat: ghostbound run --policy alive-flag-sweep --scenario vanish-idle --seed 1',
    );
    for (const words of ['application decides', 'descriptor closed', 'ESTABLISHED', 'forgets']) {
      expect(out).toContain(words);
    }
  });

  it.each(['ndjson', 'pcapng', 'perfetto'])(
    'writes a %s trace, the same each time',
    async (format) => {
      const path = join(folder, `trace.${format}`);
      const args = ['run', ...cell, '--trace', format];
      const { code, out } = await ghostbound([...args, '--out', path]);
      expect(code).toBe(0);
      expect(out).toContain('application decides');
      const content = readFileSync(path);
      await ghostbound([...args, '--out', path]);
      expect(readFileSync(path).equals(content)).toBe(true);
      expect(content.length).toBeGreaterThan(1_000);
    },
  );

  it('carries a trace through a pipe', async () => {
    const { out } = await ghostbound(['run', ...cell, '--trace', 'ndjson']);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(10);
  });
});

describe('conform', () => {
  it('agrees with a recorded kernel', async () => {
    const { code, out } = await ghostbound(['conform', idleTrace, '--json']);
    expectSchema('conform', out);
    expect(code).toBe(0);
    const text = (await ghostbound(['conform', idleTrace])).out.trimEnd();
    expect(text.replaceAll('\n', ' ')).toContain('1 of 1 trace agree');
  });

  it('ends with 5 where the recorded kernel did something else', async () => {
    const trace = JSON.parse(readFileSync(idleTrace, 'utf8')) as {
      log: { ev: string; t: number }[];
    };
    for (const entry of trace.log) if (entry.ev === 'error') entry.t += 1;
    const path = file('late.json', JSON.stringify(trace));
    expect((await ghostbound(['conform', idleTrace, path])).code).toBe(5);
  });
});

describe('report', () => {
  it('writes one page', async () => {
    const path = join(folder, 'report.html');
    const { code, out } = await ghostbound(['report', ...cell, '--runs', '50', '--out', path]);
    expect(code).toBe(0);
    expect(out).toContain(`wrote ${path}`);
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/i);
    const again = join(folder, 'again.html');
    const args = ['compare', ...cell, '--runs', '50', '--report', again];
    expect((await ghostbound(args)).code).toBe(0);
    expect(existsSync(again)).toBe(true);
  });

  it.each([
    ['svg', '.svg', '<svg'],
    ['png', '.png', '\u0089PNG'],
    ['vega-lite', '.vl.json', '{'],
  ])('writes each chart as %s', async (format, extension, magic) => {
    const out = join(folder, `charts-${format}`);
    const args = ['report', ...cell, '--runs', '50', '--format', format, '--out', out, '--json'];
    const done = await ghostbound(args);
    expect(done.code).toBe(0);
    const { files } = JSON.parse(done.out) as { files: string[] };
    expect(files.length).toBeGreaterThan(2);
    for (const path of files) {
      expect(path.endsWith(extension)).toBe(true);
      expect(readFileSync(path, 'latin1').startsWith(magic)).toBe(true);
    }
  });
});

describe('lists', () => {
  it.each(['policies', 'scenarios'])('%s prints a valid document with --json', async (verb) => {
    const { code, out } = await ghostbound([verb, '--json']);
    expectSchema(verb, out);
    expect(code).toBe(0);
    const [name] = Object.values(JSON.parse(out) as Record<string, { name: string }[]>)[1] ?? [];
    const shown = await ghostbound([verb, 'show', name?.name ?? '']);
    expect(JSON.parse(shown.out)).toEqual(name);
  });
});

describe('policies', () => {
  it('are listed under their tags', async () => {
    const lines = (await ghostbound(['policies'])).out.split('\n');
    const at = (start: string): number => lines.findIndex((line) => line.startsWith(start));
    expect(at('@founding')).toBeLessThan(at('  alive-flag-sweep '));
    expect(at('@server')).toBeLessThan(at('  socket.io, engine.io, socketio '));
    expect(at('  socket.io, engine.io, socketio ')).toBeLessThan(at('@client'));
  });

  it('say what can be set on them, whatever name is used', async () => {
    const text = (await ghostbound(['policies', 'options', 'socket.io'])).out;
    expect(text).toMatch(/^engine\.io-v4-server · /);
    expect(text).toMatch(/pingInterval +25s +/);
    expect(text).toContain("--policy 'socket.io(pingInterval=25s)'");
    const { code, out } = await ghostbound([
      'policies',
      'options',
      'bun(idleTimeout=30)',
      '--json',
    ]);
    expectSchema('policy-options', out);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ name: 'bun-serve', tags: ['server'] });
    const unknown = await ghostbound(['policies', 'options', 'socket.oi']);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toMatch(/did you mean "socket\.io"\?/);
  });
});

describe('bad input', () => {
  const broken = file('broken.json', '{"name": "x", ');
  const misspelt = file(
    'misspelt.json',
    '{"name":"x","mechanisms":[{"kind":"user-timeout","timeoutMS":"20s"}]}',
  );
  const cut = file('cut.json', readFileSync(idleTrace, 'utf8').slice(0, 3000));
  const clash = file(
    'clash.json',
    '{"name":"none","mechanisms":[{"kind":"user-timeout","timeoutMs":"9s"}]}',
  );

  it.each([
    [['prove'], /^ghostbound: there is no verb "prove"; it is one of compare, run, verify/],
    [['comprae'], /did you mean "compare"\?/],
    [['--seed', '1', 'compare'], /the verb comes first/],
    [['compare', '--polcy', 'none'], /unknown option '--polcy' \(Did you mean --policy\?\)/],
    [['compare', '--runs'], /option '--runs <n>' argument missing/],
    [
      ['compare', '--runs', '0'],
      /^ghostbound: --runs: received "0"; expected a whole number from 1/,
    ],
    [['compare', '--seed', '0xg'], /--seed: received "0xg"; expected a whole number below 2\^64/],
    [['compare', '--jobs', '-1'], /--jobs: received "-1"/],
    [['compare', '--shard', '3/2'], /--shard: received "3\/2"; expected K\/N/],
    [
      ['compare', '--shard', '1/2', '--max-ghost', '9s'],
      /--shard: received --max-ghost; expected these flags on merge/,
    ],
    [
      ['compare', '--policy', 'alive-flag-swep'],
      /--policy: .* \(did you mean "alive-flag-sweep"\?\)/,
    ],
    [['compare', '--scenario', '@lives'], /--scenario: .*did you mean "@live"\?/],
    [
      ['compare', '--policy', 'missing.json'],
      /missing\.json: there is no such file or directory$/m,
    ],
    [['compare', '--policy', folder], /: this is a directory$/m],
    [
      ['compare', '--policy', broken],
      /broken\.json: line 1 column 15: received the end of the file/,
    ],
    [
      ['compare', '--policy', misspelt],
      /misspelt\.json: mechanisms\[0\]\.timeoutMS: .*did you mean "timeoutMs"/,
    ],
    [['compare', '--policy', 'none', '--policy', clash], /two different ones are named "none"/],
    [['compare', '--max-ghost', 'soon'], /--max-ghost: received "soon"; expected a duration/],
    [['compare', '--max-overhead', 'cheap'], /--max-overhead: received "cheap"/],
    [
      ['compare', '--out', join(folder, 'no', 'where.json')],
      /where\.json: cannot be written: there is no such file or directory/,
    ],
    [['compare', '--report', folder], /: cannot be written: this is a directory/],
    [['run'], /--policy: takes exactly one, by name or JSON file; it was given none/],
    [
      ['run', ...cell, '--scenario', 'reboot'],
      /--scenario: takes exactly one, by name or JSON file; it was given 2/,
    ],
    [['run', ...cell, '--trace', 'pcap'], /--trace: received "pcap".*did you mean "pcapng"/],
    [['run', ...cell, '--trace', 'ndjson', '--json'], /expected a file by --out/],
    [['run', ...cell, '--index', '1.5'], /--index: received "1\.5"/],
    [
      ['report', '--format', 'pdf'],
      /--format: received "pdf"; expected one of html, svg, png, vega-lite/,
    ],
    [['conform'], /missing required argument/],
    [['conform', cut], /cut\.json: line \d+ column \d+: received the end of the file/],
    [['conform', misspelt], /misspelt\.json: /],
    [['merge', misspelt], /misspelt\.json: /],
    [
      ['policies', 'zocket'],
      /policies: "zocket" is not a word in the name, .*the nearest: .*socket/,
    ],
    [['policies', 'show', 'sockt.io'], /policies show: .*did you mean "socket\.io"/],
    [
      ['scenarios', 'show', '@live'],
      /scenarios show: takes exactly one, by name or JSON file; it was given \d+/,
    ],
  ])('%j', async (args, message) => {
    const { code, out, err } = await ghostbound(args);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('reports every wrong flag at once', async () => {
    const { err } = await ghostbound([
      'compare',
      '--runs',
      '0',
      '--seed',
      'x',
      '--policy',
      'nobody',
    ]);
    expect(err.match(/^ghostbound: /gm)).toHaveLength(3);
  });

  it('leaves what was there', async () => {
    const path = file('kept.json', 'mine');
    expect((await ghostbound(['compare', '--policy', broken, '--out', path])).code).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  it('finds shards that make no whole', async () => {
    const [first = ''] = await played(few, ['1/2'], folder);
    const [other = ''] = await played([...few, '--seed', '9'], ['2/2'], folder);
    expect((await ghostbound(['merge', first])).err).toMatch(
      /received no share 2; expected each of the 2/,
    );
    expect((await ghostbound(['merge', first, first])).err).toMatch(/share 1 twice/);
    expect((await ghostbound(['merge', first, other])).err).toMatch(
      /a share of another comparison/,
    );
    const torn = JSON.parse(readFileSync(first, 'utf8')) as { parts: unknown[] };
    torn.parts.pop();
    const path = file('torn.json', JSON.stringify(torn));
    const { code, err } = await ghostbound(['merge', path, first]);
    expect(err).toMatch(/torn\.json: parts: received 1 ranges; expected the 2 ranges/);
    expect(code).toBe(2);
  });
});
