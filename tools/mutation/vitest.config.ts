import { defineConfig } from 'vitest/config';

/** The tests that mutated code is held to: those of the pure rooms, and the corpus, without properties that take long. */
export default defineConfig({
  test: {
    include: ['src/domain/**/*.test.ts', 'content/**/*.test.ts', 'test/corpus/**/*.test.ts'],
    exclude: ['src/domain/**/*.prop.test.ts'],
    isolate: false,
  },
});
