#!/usr/bin/env node
// Mutation testing (DeMillo, Lipton, Sayward 1978): what is computed is changed at one point, and the tests that judge the file have to fail.
// `node scripts/mutate.mjs`; hours. Changes come from rules over the syntax tree, the choice among them from a seed, so that the same sources give the
// same mutants; each is judged in a temporary copy of the sources. --again FILE judges the survivors of an earlier run, --wide by the rooms that use theirs, too; --page writes docs/mutation.md.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { mutantsOf } from './mutation/rules.mjs';
import { page } from './mutation/page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    each: { type: 'string', default: '23' },
    room: { type: 'string', multiple: true },
    out: { type: 'string', default: join(tmpdir(), 'ghostbound-mutants.json') },
    again: { type: 'string' },
    wide: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

/** Sources of a room, and the tests that judge them: the quick ones first. */
const rooms = () => [
  {
    name: 'model/reach',
    judges: () => ['test/reach'],
  },
  {
    name: 'model/reaper',
    judges: () => ['test/reaper', 'test/machines/reaper.test.ts', 'test/coverage'],
  },
  {
    name: 'model/linux',
    judges: () => ['test/linux', 'test/kernel', 'test/reach/bound.test.ts'],
  },
  {
    name: 'sim/kernel',
    judges: () => ['test/kernel', 'test/conform', 'test/coverage'],
  },
  {
    name: 'sim/server',
    judges: () => ['test/reaper', 'test/coverage', ...worldTests, 'test/scenarios'],
  },
  {
    name: 'adapter',
    judges: (file) => adapterJudges(file),
  },
  {
    name: 'scenarios/compare',
    judges: () => ['test/compare', 'test/scenarios'],
  },
];

/** Those of test/world that take seconds. */
const worldTests = ['closing', 'websocket', 'processes', 'troubles', 'outcomes', 'stories'].map(
  (name) => `test/world/${name}.test.ts`,
);

function adapterJudges(file) {
  const of = (...names) => names.map((name) => `test/adapter/${name}.test.ts`);
  if (file.startsWith('adapter/client')) return of('client', 'client-storm');
  if (file.startsWith('adapter/drain')) return of('drain', 'node-shutdown', 'ws');
  if (file.startsWith('adapter/kernel')) return of('kernel', 'verdicts', 'process');
  if (file.startsWith('adapter/metrics')) return of('metrics');
  if (file.startsWith('adapter/connections')) return of('node', 'transports', 'drain');
  if (file === 'adapter/reaper/deadline-heap.ts') return of('deadline-heap');
  return of(
    'certificate',
    'closing',
    'containment',
    'lifecycle',
    'verdicts',
    'stalls',
    'several-answers',
    'metrics',
    'ws',
    'node',
  );
}

/** Tests that see what a room comes to, where its own do not see a change. */
const WIDE = ['test/bounds', 'test/relations', 'test/world', 'test/survey', 'test/proof'];

function judgesOf({ room, file }) {
  const own = rooms()
    .find(({ name }) => name === room)
    .judges(file);
  return values.wide ? [...new Set([...own, ...WIDE])] : own;
}

/** Every change that a rule makes in the sources of a room, in the order in which the seed takes them. */
function candidates() {
  const api = new API({ cwd: root });
  const found = [];
  try {
    const snapshot = api.updateSnapshot({ openProject: join(root, 'tsconfig.json') });
    const [project] = snapshot.getProjects();
    for (const room of rooms()) {
      if (values.room !== undefined && !values.room.includes(room.name)) continue;
      const files = project.program
        .getSourceFileNames()
        .map((name) => relative(root, name))
        .filter(
          (name) =>
            name.startsWith(`${room.name}/`) ||
            (room.name === 'adapter' && name.startsWith('adapter/')),
        )
        .filter((name) => !name.endsWith('types.ts'))
        .toSorted();
      const mutants = files.flatMap((file) => {
        const source = project.program.getSourceFile(join(root, file));
        return mutantsOf(file, source, SyntaxKind).map((mutant) => ({
          room: room.name,
          ...mutant,
        }));
      });
      found.push(...chosen(mutants, Number(values.each)));
    }
  } finally {
    api.close();
  }
  return found;
}

function rank({ file, rule, before, line }) {
  return createHash('sha256')
    .update(`${values.seed} ${file} ${rule} ${before} ${line}`)
    .digest('hex');
}

/** So many of a room: rule by rule in turn, and of each no two of one file while others have one. */
function chosen(mutants, count) {
  const byRule = new Map();
  for (const mutant of mutants) {
    if (!byRule.has(mutant.rule)) byRule.set(mutant.rule, []);
    byRule.get(mutant.rule).push({ ...mutant, rank: rank(mutant) });
  }
  const queues = [...byRule.values()].map((list) =>
    list.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)),
  );
  const taken = [];
  const perFile = new Map();
  while (taken.length < count && queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      if (queue.length === 0 || taken.length === count) continue;
      const least = Math.min(...queue.map(({ file }) => perFile.get(file) ?? 0));
      const at = queue.findIndex(({ file }) => (perFile.get(file) ?? 0) === least);
      const [mutant] = queue.splice(at, 1);
      perFile.set(mutant.file, least + 1);
      taken.push(mutant);
    }
  }
  return taken;
}

/** The tests that are named first run first, and end at the first that fails. */
const VITEST = `import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
const judges = process.env.JUDGES.split(' ');
const place = ({ moduleId }) => judges.findIndex((judge) => moduleId.includes(judge));
class AsNamed extends BaseSequencer {
  async sort(files) {
    return files.toSorted((a, b) => place(a) - place(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/seed.ts'],
    testTimeout: 60_000,
    maxWorkers: 1,
    bail: 1,
    isolate: process.env.JUDGES.includes('adapter'),
    sequence: { sequencer: AsNamed },
  },
});
`;

/** A copy of the sources, with the modules of the original. */
function copyOfSources() {
  const copy = mkdtempSync(join(tmpdir(), 'ghostbound-mutants-'));
  const left = new Set(['node_modules', '.git', 'dist']);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'vitest.mutants.config.ts'), VITEST);
  return copy;
}

/** The test that failed; those that were left out after it have no message. */
function firstFailure(printed) {
  const report = /^\{.*\}$/m.exec(printed);
  const files = report === null ? [] : JSON.parse(report[0]).testResults;
  for (const { name, assertionResults } of files) {
    const failed = assertionResults.find(({ failureMessages }) => failureMessages?.length > 0);
    const of = name.slice(name.indexOf('test/'));
    if (failed !== undefined) return `${of}: ${failed.fullName}`;
  }
  return 'the sources cannot be loaded';
}

/** Runs the tests up to the first that fails: its name; null where all pass. */
function judge(copy, tests, mostMs) {
  return new Promise((resolve) => {
    const words = [
      'vitest',
      'run',
      ...tests,
      '--config',
      'vitest.mutants.config.ts',
      '--reporter=json',
    ];
    const child = spawn('npx', words, {
      cwd: copy,
      env: { ...process.env, NO_COLOR: '1', GHOSTBOUND_SEED: values.seed, JUDGES: tests.join(' ') },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let printed = '';
    let late = false;
    const watch = setTimeout(() => {
      late = true;
      process.kill(-child.pid, 'SIGKILL');
    }, mostMs);
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (printed += chunk));
    child.on('close', (code) => {
      clearTimeout(watch);
      if (late) return resolve('does not come to an end');
      if (code === 0) return resolve(null);
      resolve(firstFailure(printed));
    });
  });
}

/** Where the change stands in the text as it is now; the line may have moved. */
function applied({ start, end, after }, text) {
  return text.slice(0, start) + after + text.slice(end);
}

const commit = await new Promise((resolve) => {
  const child = spawn('git', ['rev-parse', '--short', 'HEAD'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.on('close', () => resolve(printed.trim()));
});

const all = candidates();
const earlier = values.again === undefined ? null : JSON.parse(readFileSync(values.again, 'utf8'));
const survivedBefore = new Set(
  (earlier?.mutants ?? []).filter(({ killedBy }) => killedBy === null).map(({ rank: one }) => one),
);
const wanted = earlier === null ? all : all.filter((one) => survivedBefore.has(one.rank));
if (values.list) {
  for (const { file, line, rule, before, after } of wanted) {
    console.log(`${file}:${line} ${rule}: ${before} → ${after}`);
  }
  console.log(`${wanted.length} mutants`);
  process.exit(0);
}

const copy = copyOfSources();
const judged = [];
try {
  const baselines = new Map();
  for (const [index, mutant] of wanted.entries()) {
    const tests = judgesOf(mutant);
    const name = tests.join(' ');
    if (!baselines.has(name)) {
      const startedMs = performance.now();
      const failure = await judge(copy, tests, 600_000);
      if (failure !== null) throw new Error(`without any change: ${failure}`);
      baselines.set(name, performance.now() - startedMs);
      console.log(`${name}: ${Math.round(baselines.get(name) / 1000)} s without any change`);
    }
    const path = join(copy, mutant.file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, applied(mutant, text));
    const killedBy = await judge(copy, tests, 3 * baselines.get(name) + 30_000);
    writeFileSync(path, text);
    judged.push({ ...mutant, killedBy });
    const { file, line, rule, before, after } = mutant;
    const verdict = killedBy === null ? 'SURVIVED' : `killed by ${killedBy}`;
    console.log(
      `${index + 1}/${wanted.length} ${file}:${line} ${rule}: ${before} → ${after} — ${verdict}`,
    );
    const settled = new Map((earlier?.mutants ?? []).map((one) => [one.rank, one]));
    for (const one of judged) settled.set(one.rank, one);
    const whole = {
      commit: earlier?.commit ?? commit,
      seed: values.seed,
      mutants: [...settled.values()],
    };
    writeFileSync(values.out, JSON.stringify(whole, null, 1));
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
if (values.page) {
  writeFileSync('docs/mutation.md', page(JSON.parse(readFileSync(values.out, 'utf8'))));
}
const survivors = judged.filter(({ killedBy }) => killedBy === null).length;
console.log(`${judged.length - survivors} of ${judged.length} mutants killed`);
