#!/usr/bin/env node
// Compiles the package into dist/. Plain JavaScript: it runs before anything is built.
// Compiles beside dist/ and swaps at the end, so that a failed build leaves the last good one alone.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { declareCommonJs } from './declare-commonjs.mjs';
import { bundleCommandLine } from './bundle.mjs';
import { pruneTypes } from './prune-types.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const fresh = `dist.${process.pid}`;
const old = `dist.${process.pid}.old`;

process.on('exit', () => {
  for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true });
});

const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh];
const done = spawnSync(process.execPath, tsc, { stdio: 'inherit' });
if (done.status !== 0) process.exit(done.status ?? 1);
if (existsSync('viz/assets')) cpSync('viz/assets', `${fresh}/viz/assets`, { recursive: true });
for (const programs of ['lab/stories/programs', 'lab/recorder/programs']) {
  cpSync(programs, `${fresh}/${programs}`, { recursive: true });
}
await bundleCommandLine(fresh);
await declareCommonJs(fresh);
pruneTypes(fresh);
chmodSync(`${fresh}/cli/main.js`, 0o755);
if (existsSync('dist')) renameSync('dist', old);
renameSync(fresh, 'dist');
