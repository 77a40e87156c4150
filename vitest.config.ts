import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/seed.ts', 'test/support/build.ts'],
    testTimeout: 240_000 * Number(process.env['GHOSTBOUND_CASES'] ?? 1),
    hookTimeout: 120_000,
    // More than cores: many tests wait for real clocks.
    maxWorkers: 3,
  },
});
