#!/usr/bin/env node
// The adapter's tests on other releases of Node, which it meets in production and whose undocumented interfaces it asks: `node scripts/nodes.mjs [22 24 26]`.
// Each release comes from the npm package `node`. One file at a time, for they measure time; a line for each release, and what failed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const given = process.argv.slice(2);
const releases = given.length > 0 ? given : ['22', '24', '26'];
const files = readdirSync('test/adapter').filter((file) => file.endsWith('.test.ts'));

function nodeOf(release) {
  const asked = ['--yes', `--package=node@${release}`, '--', 'node', '-p', 'process.execPath'];
  const { status, stdout, stderr } = spawnSync('npm', ['exec', ...asked], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node@${release} cannot be had: ${stderr}`);
  return stdout.trim();
}

for (const release of releases) {
  const node = nodeOf(release);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const broken = [];
  let passed = 0;
  for (const file of files) {
    const words = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--maxWorkers=1',
      `test/adapter/${file}`,
    ];
    const { status, stdout } = spawnSync(node, words, {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    passed += Number(/^ +Tests .*?(\d+) passed/m.exec(stdout)?.[1] ?? 0);
    if (status !== 0) broken.push({ file, stdout });
  }
  const sound = `${files.length - broken.length} of ${files.length} files`;
  console.log(`${broken.length === 0 ? '✓' : '✗'} ${version}: ${sound}, ${passed} tests passed`);
  for (const { file, stdout } of broken) console.log(`${file}\n${stdout.replace(/^/gm, '    ')}`);
  if (broken.length > 0) process.exitCode = 1;
}
