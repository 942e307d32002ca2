import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCommand } from '#domain/command/reading/read-line.ts';

/**
 * The oracle is bash itself: programs that note their own name are put on its path, random lines are run,
 * and every program that ran must be in the reading, unless the reading says that it cannot know.
 */
const PROGRAMS = ['alpha', 'beta', 'gamma'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reading-'));
  for (const name of PROGRAMS) {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/dash\necho ${name} >> "$RAN"\n`);
    chmodSync(file, 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runInBash(lines: readonly string[]): readonly (readonly string[])[] {
  const script = lines
    .map((line, index) => {
      const file = join(folder, `line-${index}`);
      writeFileSync(file, line);
      writeFileSync(`${file}.ran`, '');
      return `RAN=${file}.ran timeout 5 bash "${file}" </dev/null >/dev/null 2>&1`;
    })
    .join('\n');
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder };
  execFileSync('bash', ['-c', `cd "${folder}"; ${script}\ntrue`], { env });
  return lines.map((_, index) =>
    readFileSync(join(folder, `line-${index}.ran`), 'utf8')
      .split('\n')
      .filter((name) => name !== ''),
  );
}

const program = fc.constantFrom(...PROGRAMS);
const spelled = program.chain((name) =>
  fc.constantFrom(
    name,
    `\\${name}`,
    `'${name}'`,
    `"${name.slice(0, 2)}"${name.slice(2)}`,
    `$'\\x${name.charCodeAt(0).toString(16)}'${name.slice(1)}`,
    `{${name},x}`,
    `${name.slice(0, 1)}''${name.slice(1)}`,
    `$unset${name}`,
    `${name.slice(0, -1)}{${name.slice(-1)},q}`,
  ),
);
const { line } = fc.letrec<{ line: string; simple: string }>((tie) => ({
  simple: fc.oneof(
    { weight: 3, arbitrary: spelled },
    spelled.map((word) => `${word} a "b c"`),
    spelled.map((word) => `A=1 ${word}`),
    spelled.map((word) => `>o ${word} 2>&1`),
    spelled.map((word) => `env -i PATH="$PATH" RAN="$RAN" ${word}`),
    spelled.map((word) => `nohup nice -n 1 timeout 5 ${word}`),
    spelled.map((word) => `bash -c '${word.replaceAll("'", String.raw`'\''`)}'`),
    program.map((name) => `echo ${name}`),
    program.map((name) => `echo ${name} | sh`),
    program.map((name) => `x=${name}; $x`),
    program.map((name) => `bash <<E\n${name}\nE\n`),
    program.map((name) => `cat <<E\n${name}\nE\n`),
    program.map((name) => `echo x | xargs ${name}`),
    program.map((name) => `find . -maxdepth 0 -exec ${name} {} \\;`),
    program.map((name) => `eval "${name}"`),
    program.map((name) => `trap ${name} EXIT`),
    program.map((name) => `echo '${name}; ${name}'`),
    program.map((name) => `set -- ${name}; "$@"`),
    program.map((name) => `a=(${name} b); "\${a[@]}"`),
  ),
  line: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: tie('simple') },
    fc
      .tuple(tie('line'), fc.constantFrom(';', '\n', '&&', '||', '|'), tie('line'))
      .map((parts) => parts.join(' ')),
    tie('line').map((inner) => `( ${inner}\n)`),
    tie('line').map((inner) => `{ ${inner}\n}`),
    tie('line').map((inner) => `echo "$( ${inner}\n)"`),
    tie('line').map((inner) => `if true; then ${inner}\nfi`),
    tie('line').map((inner) => `for i in 1 2; do ${inner}\ndone`),
    tie('line').map((inner) => `f() { ${inner}\n}; f`),
    tie('line').map((inner) => `case x in x) ${inner}\n;; esac`),
    tie('line').map((inner) => `! ${inner}`),
  ),
}));

it('finds every program that bash runs, or says that it cannot know', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const lines = fc.sample(line, { seed, numRuns: 600 });
  const ran = runInBash(lines);
  let silent = 0;
  let programsRun = 0;
  for (const [index, names] of ran.entries()) {
    programsRun += names.length;
    const text = lines[index] ?? '';
    const reading = readCommand(text);
    const read = new Set(reading.programs.map((one) => one.name));
    const missing = names.filter((name) => !read.has(name));
    if (missing.length === 0 || reading.dynamic || reading.unparsable) continue;
    silent += 1;
    console.log(`seed ${seed}: missed ${missing.join(' ')} in ${JSON.stringify(text)}`);
  }
  // Otherwise nothing was compared.
  expect(programsRun).toBeGreaterThan(300);
  expect(silent).toBe(0);
});
