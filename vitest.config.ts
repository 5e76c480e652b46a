// Two suites: `npm test` runs *.test.ts; `npm run test:full` adds *.full.test.ts, the longer ones.
import { defineConfig } from 'vitest/config';

const full = process.env.TK_TEST_FULL === '1';

export default defineConfig({
  test: {
    include: full ? ['test/**/*.full.test.ts'] : ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/**/*.full.test.ts'],
    globalSetup: ['test/support/build.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
