import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type EditingMode = 'emacs' | 'vi';

/** Each line as GNU readline gives it to bash, for the keys typed. They must leave it to the return key to end it. */
export async function readByReadline(
  mode: EditingMode,
  lines: readonly string[],
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'readline-'));
  const script = join(folder, 'read.sh');
  writeFileSync(
    script,
    `set -o ${mode}; bind 'set enable-bracketed-paste on' 'set bell-style none'\n` +
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
    // Readline shows its prompt when it has taken the terminal: only then do the next keys come.
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
