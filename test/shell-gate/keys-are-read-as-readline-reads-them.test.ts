import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeystrokeLine } from '#gateway/terminal/keystroke-line.ts';

const KEYS = [
  ['a', 'b', 'c', ' ', '-', '.', 'é'],
  ['\u007f', '\b', '\u0001', '\u0005', '\u0002', '\u0006', '\u0017', '\u0015', '\u000b', '\u0014'],
  [
    '\u001b[D',
    '\u001b[C',
    '\u001b[H',
    '\u001b[F',
    '\u001b[3~',
    '\u001bOD',
    '\u001bOC',
    '\u001bOH',
    '\u001bOF',
  ],
  ['\u001bb', '\u001bf', '\u001bd', '\u001b\u007f'],
].flat();
const CASES = 400;

/** Each line as GNU readline gives it to bash, for the keys typed. */
async function readByReadline(lines: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'readline-'));
  const script = join(folder, 'read.sh');
  // Readline shows its prompt when it has taken the terminal: only then do the next keys come.
  writeFileSync(
    script,
    `bind 'set enable-bracketed-paste off' 'set bell-style none'\n` +
      `for i in $(seq ${lines.length}); do IFS= read -r -e -p "go $i " line; printf '%s\\0' "$line" >> out; done\n`,
  );
  const child = spawn('script', ['-qfec', `stty cols 500 rows 24; exec bash ${script}`, '/dev/null'], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', TERM: 'xterm', LANG: 'C.UTF-8', INPUTRC: '/dev/null' },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let seen = '';
  let sent = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    seen = (seen + bytes.toString('latin1')).slice(-4_000);
    const line = lines[sent];
    if (line === undefined || !seen.includes(`go ${sent + 1} `)) return;
    sent += 1;
    child.stdin.write(`${line}\r`);
  });
  await exited;
  const result = readFileSync(join(folder, 'out'), 'utf8').split('\0').slice(0, -1);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  return result;
}

it('for random edits', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const keys = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 40 });
  const cases = fc.sample(keys, { seed, numRuns: CASES }).map((one) => one.join(''));
  const model = new KeystrokeLine();
  const modelled = cases.map((one) => {
    model.reset();
    model.feed(Buffer.from(one));
    expect(model.sure).toBe(true);
    return model.text;
  });
  const actual = await readByReadline(cases);
  const different = cases.flatMap((one, index) =>
    modelled[index] === actual[index] ? [] : [{ keys: one, model: modelled[index], readline: actual[index] }],
  );
  expect(actual).toHaveLength(CASES);
  expect(different, `seed ${seed}`).toEqual([]);
});
