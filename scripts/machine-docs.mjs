#!/usr/bin/env node
// Writes docs/machines/*.md from the built machines (npm run build first).
// With --check it writes nothing and fails when a committed page differs; a test does the same.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machineDocs } from '../dist/model/compile/docs.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const check = process.argv.includes('--check');

/** The page as committed, undefined where there is none. */
function committed(path) {
  try {
    return readFileSync(root + path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const stale = machineDocs().filter(({ path, text }) => committed(path) !== text);
if (!check) {
  mkdirSync(`${root}docs/machines`, { recursive: true });
  for (const { path, text } of stale) writeFileSync(root + path, text);
} else if (stale.length > 0) {
  console.error(`out of date: ${stale.map(({ path }) => path).join(', ')}`);
  console.error('run: npm run build && node scripts/machine-docs.mjs');
  process.exitCode = 1;
}
