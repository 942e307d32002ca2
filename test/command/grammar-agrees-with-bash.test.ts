import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { readCommand } from '#domain/command/reading/read-line.ts';

/**
 * `bash -n` says whether random tokens are a program of the shell. What it takes must be read as one: a line
 * that does not parse is stopped too often.
 */
const STRINGS = 1_000;
/** Of those that bash accepts (measured: about 0.6 %). */
const MISREAD_AT_MOST = 0.03;

const folder = mkdtempSync(join(tmpdir(), 'grammar-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = fc.constantFrom(
  'a',
  'b=c',
  '$x',
  '"$y"',
  "'z'",
  '-r',
  '{p,q}',
  '$(a)',
  '`a`',
  '$((1+2))',
  '*',
  '[a]',
);
const glue = fc.constantFrom(';', '\n', '&', '|', '&&', '||', '|&', ';;', '>', '<', '>>', '2>&1', '<<<', '!');
const brackets = fc.constantFrom('(', ')', '{', '}', '((', '))', '[[', ']]', '<(', '>(', '${', '"', "'");
const keywords = fc.constantFrom(
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'in',
  'do',
  'done',
  'while',
  'until',
  'case',
  'esac',
  'select',
  'function',
  'time',
  'coproc',
  'x)',
  'f()',
  'for a in b; do',
  'if a; then',
  'case a in',
);
const token = fc.oneof(
  { weight: 6, arbitrary: words },
  { weight: 4, arbitrary: glue },
  { weight: 1, arbitrary: brackets },
  { weight: 1, arbitrary: keywords },
);
const wrapped = fc
  .tuple(
    fc.constantFrom(
      '',
      '{ ',
      '( ',
      'if a; then ',
      'while a; do ',
      'f() { ',
      'case a in a) ',
      'echo $(',
      '! ',
    ),
    fc.array(token, { minLength: 1, maxLength: 9 }).map((tokens) => tokens.join(' ')),
  )
  .map(([opening, inner]) => opening + inner + (CLOSING[opening] ?? ''));
const CLOSING: Readonly<Record<string, string>> = {
  '{ ': '; }',
  '( ': ' )',
  'if a; then ': '; fi',
  'while a; do ': '; done',
  'f() { ': '; }',
  'case a in a) ': ' ;; esac',
  'echo $(': ')',
};

/** The indexes of the strings that bash accepts. */
function acceptedByBash(strings: readonly string[]): readonly number[] {
  for (const [index, text] of strings.entries()) writeFileSync(join(folder, String(index)), text);
  const script = `for ((i = 0; i < ${strings.length}; i++)); do bash -n $i 2>&1 | grep -q . || echo $i; done`;
  const printed = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  return printed.trim().split('\n').map(Number);
}

it('what bash accepts is not unparsable', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const strings = fc.sample(wrapped, { seed, numRuns: STRINGS });
  const accepted = acceptedByBash(strings);
  const misread = accepted.filter((index) => {
    const reading = readCommand(strings[index] ?? '');
    return reading.unparsable || reading.incomplete || reading.unread;
  });
  for (const index of misread.slice(0, 10)) console.log(`seed ${seed}: ${JSON.stringify(strings[index])}`);
  console.log(`bash accepts ${accepted.length} of ${STRINGS}; ${misread.length} of them are not read`);
  // Otherwise nothing was compared.
  expect(accepted.length).toBeGreaterThan(STRINGS / 10);
  expect(misread.length).toBeLessThanOrEqual(accepted.length * MISREAD_AT_MOST);
});
