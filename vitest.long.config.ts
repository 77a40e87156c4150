/**
 * `npm run test:long`: whatever tries a share of a list, or draws, on eight times as much of it and twice as many cases. What judges a commit in minutes
 * is `npm test`; how much each of them tries is said in test/support/effort.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

process.env['GHOSTBOUND_CASES'] ??= '2';

/** Those files that ask how much is to be tried. */
const ASKS = /from '\.\.\/support\/(?:effort|property|share)\.ts'/;

/** Rooms that open sockets and start processes: their draws are cheap, and `npm test` makes them. */
const APART = /^(?:adapter|namespaces|systems)\//;

const include = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !APART.test(path))
  .map((path) => `test/${path}`)
  .filter((path) => ASKS.test(readFileSync(path, 'utf8')));

export default defineConfig({
  test: {
    include,
    globalSetup: ['test/support/seed.ts'],
    isolate: false,
    maxWorkers: 2,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
