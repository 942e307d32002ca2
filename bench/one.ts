import type { BenchResult } from './result.ts';

/** Child of `run.ts`: runs the one benchmark it is told and sends the results to its parent. */
const name = process.argv[2] ?? '';
if (!/^[a-z-]+$/.test(name)) throw new Error(`not a benchmark: ${name}`);
const bench = (await import(`./${name}.ts`)) as { readonly run: () => Promise<readonly BenchResult[]> };
const results = await bench.run();
process.send?.(results, () => process.exit(0));
