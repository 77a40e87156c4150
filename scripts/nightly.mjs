#!/usr/bin/env node
// What takes too long for every commit: swarms of 100 000 cells, each built-in system in 10 000 lives, ten million fuzzed kernel events, every
// property on twenty times its cases, every experiment recorded anew on user-mode Linux. `npm run nightly`; --scale 0.01 tries it out in minutes. Seeds are the commit's, or GHOSTBOUND_SEED.
// Prints broken cells per thousand and, of whatever broke, the lines that repeat it; exit code 1 if anything did.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const scale = Number(values.scale);
const jobs = Number(values.jobs);
/** So many, scaled, but no fewer than a test plays anyway: what it asks for needs as many. */
const scaled = (count, least = 1) => Math.max(least, Math.round(count * scale));

/** Runs a command to its end; what it prints is kept and shown when it fails. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (printed += chunk));
    child.on('close', (code) => resolve({ ok: code === 0, printed }));
  });
}

/** The swarm, a range of cells to a process. */
async function swarm() {
  const cells = scaled(100_000);
  const share = Math.ceil(cells / jobs);
  const seed =
    process.env.GHOSTBOUND_SEED === undefined ? [] : ['--seed', process.env.GHOSTBOUND_SEED];
  const parts = await Promise.all(
    Array.from({ length: jobs }, (_, job) => {
      const first = job * share;
      const mine = Math.max(0, Math.min(share, cells - first));
      return run(process.execPath, [
        'scripts/swarm.mjs',
        '--first',
        `${first}`,
        '--cells',
        `${mine}`,
        ...seed,
      ]);
    }),
  );
  const broken = parts.map(({ printed }) =>
    Number(/: (\d+) of \d+ cells broken/.exec(printed)?.[1]),
  );
  const sum = broken.reduce((a, b) => a + b, 0);
  const told = Number.isNaN(sum)
    ? 'a part of it failed'
    : `${sum} of ${cells} cells broken, ${((1000 * sum) / cells).toFixed(3)} per thousand`;
  return {
    ok: parts.every(({ ok }) => ok),
    told,
    printed: parts.map(({ printed }) => printed).join(''),
  };
}

/** Tests with more of what they draw. */
async function tests(folders, env) {
  const { ok, printed } = await run(
    'npx',
    ['vitest', 'run', ...folders, `--maxWorkers=${jobs}`],
    env,
  );
  const told = /^ +Tests +(.*)$/m.exec(printed)?.[1] ?? 'no tests were run';
  return { ok, told, printed };
}

/** Experiments on a real kernel in virtual time, once for each tick; the kernels are built where they are not. */
async function recordings() {
  const built = await run('npm', ['run', '-s', 'user-mode-linux']);
  if (!built.ok) return { ok: false, told: 'no user-mode Linux', printed: built.printed };
  const folder = mkdtempSync(join(tmpdir(), 'ghostbound-nightly-'));
  const command = ['dist/cli/main.js', 'lab', 'record', '--kernel', 'user-mode', '--to', folder];
  const nights = [];
  for (const hz of ['100', '250', '1000']) {
    nights.push(await run(process.execPath, [...command, '--hz', hz]));
  }
  rmSync(folder, { recursive: true, force: true });
  const told = nights.map(({ printed }) => /\d+ of \d+ traces agree/.exec(printed)?.[0] ?? 'none');
  return {
    ok: nights.every(({ ok }) => ok),
    told: `${told.join(', ')} at HZ 100, 250, 1000`,
    printed: nights.map(({ printed }) => printed).join('\n'),
  };
}

/** No list is as long that one in a thousand times as many is not all of it. */
const WHOLE_LISTS = { GHOSTBOUND_CASES: '2', GHOSTBOUND_LISTS: '1000' };

const parts = {
  'experiments on a real kernel': recordings,
  'drawn policies on drawn scenarios': swarm,
  'built-in systems against their sources': () =>
    tests(['test/survey'], {
      ...WHOLE_LISTS,
      GHOSTBOUND_SURVEY_LIVES: `${scaled(10_000, 150)}`,
    }),
  'the adapter on Node 22, 24 and 26': async () => {
    const { ok, printed } = await run(process.execPath, ['scripts/nodes.mjs']);
    return { ok, told: (printed.match(/v\d+[.].*$/gm) ?? []).join('; '), printed };
  },
  'fuzzed kernel events': () =>
    tests(['test/kernel'], { GHOSTBOUND_FUZZ_EVENTS: `${scaled(10_000_000)}` }),
  'every built-in policy on every built-in scenario': () =>
    tests(['test/world'], { ...WHOLE_LISTS, GHOSTBOUND_RUNS: `${scaled(200, 12)}` }),
  properties: () =>
    tests(
      [
        'bounds',
        'fuzz',
        'lint',
        'machines',
        'reach',
        'reaper',
        'relations',
        'text',
        'tune',
        'viz',
      ].map((folder) => `test/${folder}`),
      { ...WHOLE_LISTS, GHOSTBOUND_CASES: `${scaled(20)}` },
    ),
};

for (const [name, part] of Object.entries(parts)) {
  const startedMs = performance.now();
  const { ok, told, printed } = await part();
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(`${ok ? '✓' : '✗'} ${name}: ${told} (${minutes} min)`);
  if (ok) continue;
  process.exitCode = 1;
  console.log(printed.replace(/^/gm, '    '));
}
