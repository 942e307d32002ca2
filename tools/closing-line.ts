import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that a machine can read: `N passed, N failed`. */
class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      let inModule = 0;
      for (const test of module.children.allTests()) {
        inModule += 1;
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped += 1;
      }
      // A file that could not even be loaded has no tests and must not count as fine.
      if (inModule === 0 || (module.state() === 'failed' && module.errors().length > 0)) failed += 1;
    }
    process.stdout.write(
      `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}

// Vitest loads a reporter by its default export.
// oxlint-disable-next-line import/no-default-export -- required by the loader
export { ClosingLine as default };
