import { defineConfig } from 'vitest/config';

/** `npm run test:everywhere`: the packed package in every runtime, bundler and browser. */
export default defineConfig({
  test: {
    include: ['test/everywhere/*.everywhere.ts'],
    globalSetup: ['test/everywhere/setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
