/**
 * Runs the benchmarks, each in a process of its own so that none warms or burdens the next, and prints a
 * table. Arguments choose some by name: `npm run bench -- journal bulk`. `--json` prints one line a result.
 */
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import type { BenchResult } from './result.ts';

const NOT_BENCHES = new Set(['run.ts', 'result.ts', 'one.ts']);
const args = process.argv.slice(2);
const json = args.includes('--json');
const chosen = args.filter((arg) => !arg.startsWith('--'));

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !NOT_BENCHES.has(file))
  .map((file) => basename(file, '.ts'))
  .filter((name) => chosen.length === 0 || chosen.includes(name))
  .sort();

function measure(name: string): Promise<readonly BenchResult[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly BenchResult[] | undefined>();
  const child = fork(join(import.meta.dirname, 'one.ts'), [name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let results: readonly BenchResult[] | undefined;
  child.on('message', (message) => {
    results = message as readonly BenchResult[];
  });
  child.on('exit', (code) => resolve(code === 0 ? results : undefined));
  return promise;
}

if (!json) {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
  );
}
let failed = false;
for (const name of names) {
  const results = await measure(name);
  if (results === undefined) {
    console.log(`${name}: FAILED`);
    failed = true;
    continue;
  }
  for (const result of results) {
    if (json) console.log(JSON.stringify({ bench: name, ...result }));
    else
      console.log(
        `${name.padEnd(12)} ${result.name.padEnd(52)} ${String(Number(result.value.toPrecision(4))).padStart(10)} ${result.unit.padEnd(10)} ${result.detail ?? ''}`,
      );
  }
}
process.exitCode = failed ? 1 : 0;
