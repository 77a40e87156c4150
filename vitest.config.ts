import { defineConfig } from 'vitest/config';
import { asMany } from './test/support/effort.ts';

/** Tests that open sockets, start processes or replace a module or what Node gives: each file has its modules to itself. */
const APART = ['test/{adapter,namespaces,systems}/**/*.test.ts', 'test/reach/sample-delay.test.ts'];

const limits = {
  testTimeout: asMany(480_000),
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/seed.ts', 'test/support/build.ts'],
    // More than cores: many tests wait for real clocks.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'apart',
          include: APART,
          // Stories in real time, each with half a dozen processes.
          maxConcurrency: 3,
          ...limits,
        },
      },
      {
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...APART],
          // Modules are loaded once for all files of a worker.
          isolate: false,
          ...limits,
        },
      },
    ],
  },
});
