#!/usr/bin/env node
// `npm start` from a fresh clone: installs and builds what is missing, then compares the built-in
// policies on the built-in scenarios and writes the report. Arguments go through to `compare`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['model', 'sim', 'scenarios', 'proof', 'text', 'viz', 'adapter', 'lab', 'cli'];

/** Modification time of the newest source below `path`, ms. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Runs a command in the project; ends this process with its status when it fails. */
function step(command, args, remark) {
  if (remark) process.stderr.write(`${remark}\n`);
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['inherit', remark ? 2 : 'inherit', 'inherit'],
  });
  if (done.signal) process.exit(130);
  if (done.status !== 0) process.exit(done.status ?? 70);
}

const modified = (name) => newest(join(root, name));
if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  step(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing dependencies…');
}
const sources = [...rooms, 'index.ts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
if (modified('dist/cli/main.js') <= Math.max(...sources.map(modified))) {
  step(process.execPath, [join(root, 'scripts/build.mjs')], 'Building…');
}
const main = join(root, 'dist/cli/main.js');
step(process.execPath, [
  main,
  'compare',
  '--report',
  'ghostbound-report.html',
  ...process.argv.slice(2),
]);
