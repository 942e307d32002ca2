/**
 * Every check that needs no test run, side by side: types, lint, format, layers, dead code, generated files.
 * Prints one line each and what a failing one said; under a minute on two cores.
 */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkLayers, readSources } from './check-layers.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly ms: number;
}

function program(name: string, command: string, args: readonly string[]): Promise<Outcome> {
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) =>
    resolve({ name, ok: false, output: error.message, ms: performance.now() - startedAt }),
  );
  child.on('close', (code) => resolve({ name, ok: code === 0, output, ms: performance.now() - startedAt }));
  return promise;
}

function layers(): Outcome {
  const startedAt = performance.now();
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths = listed.split('\n').filter((path) => path !== '');
  const violations = checkLayers(readSources(root, paths));
  // A checker that saw nothing must not say that nothing is wrong.
  const enough = paths.filter((path) => path.startsWith('src/')).length >= 100;
  const lines = violations.map(({ path, message }) => `${path}: ${message}`);
  if (!enough) lines.push(`only ${paths.length} files were seen`);
  return {
    name: 'layers',
    ok: lines.length === 0,
    output: lines.join('\n'),
    ms: performance.now() - startedAt,
  };
}

const outcomes = await Promise.all([
  program('types', bin('tsc'), ['-p', '.']),
  program('lint', bin('oxlint'), [
    '--type-aware',
    '--deny-warnings',
    'src',
    'test',
    'bench',
    'tools',
    'vitest.config.ts',
  ]),
  program('format', bin('oxfmt'), [
    '--check',
    'src',
    'test',
    'bench',
    'tools',
    'content',
    'vitest.config.ts',
  ]),
  program('dead code', bin('knip'), ['--no-progress']),
  program('generated files', process.execPath, [join(root, 'tools/generate.ts'), '--check']),
  Promise.resolve(layers()),
]);

for (const { name, ok, output, ms } of outcomes) {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${Math.round(ms)} ms)`);
  if (!ok) console.log(output.trimEnd());
}
process.exitCode = outcomes.every((outcome) => outcome.ok) ? 0 : 1;
