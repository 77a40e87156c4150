/**
 * `npm run test:unit`: what can be known in seconds while one writes. The rooms below, without those files that play thousands of
 * lives, and without the compiled package: nothing is built, no process is started, no socket opened.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'test/{clock,compare,coverage,house,kernel,linux,machines,network,policy,reach,reaper,statechart,text}/**/*.test.ts',
    ],
    // Each of these alone takes seconds.
    exclude: [
      'test/compare/{deduplicate,merge,twins}.test.ts',
      'test/kernel/{exact,fuzz,measured-ends,published}.test.ts',
      'test/machines/tcp.test.ts',
      'test/policy/{schema,standard}.test.ts',
      'test/reach/{behind,bound,kernel-ends,one-way,options,proxies,release,saturated,tolerance,uploads}.test.ts',
      'test/reaper/{equivalence,memory,repeats}.test.ts',
      // Its modules are its own.
      'test/reach/sample-delay.test.ts',
      'test/text/{closing-words,standing}.test.ts',
    ],
    globalSetup: ['test/support/seed.ts'],
    // Nothing here changes what another file sees: one start of the modules is enough.
    isolate: false,
    testTimeout: 30_000,
  },
});
