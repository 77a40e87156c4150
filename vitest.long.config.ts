/**
 * `npm run test:long`: whatever tries a share of a list, or draws, on eight times as much of it and twice as many cases. What judges a commit in minutes
 * is `npm test`; how much each of them tries is said in test/support/effort.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

process.env['GHOSTBOUND_CASES'] ??= '2';

/** Those files that ask how much is to be tried. */
const ASKS = /from '\.\.\/support\/(?:effort|property|share)\.ts'/;

const asking = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `test/${path}`)
  .filter((path) => ASKS.test(readFileSync(path, 'utf8')));

/** Tests that open sockets and start processes: each file has its modules to itself. */
const isApart = (path: string): boolean => /^test\/(?:adapter|namespaces|systems)\//.test(path);
const together = asking.filter((path) => !isApart(path));

const limits = { testTimeout: 1_200_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/support/seed.ts', 'test/support/build.ts'],
    maxWorkers: 2,
    projects: [
      { test: { name: 'apart', include: asking.filter(isApart), ...limits } },
      { test: { name: 'together', include: together, isolate: false, ...limits } },
    ],
  },
});
