/**
 * Runs every test: first what the machine must have, then Vitest. `--soak` runs the long ones too: more kill
 * points, more random cases. Further arguments go to Vitest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { aptLine, missingPrograms, type Program } from '#main/demo/programs.ts';

const EX_UNAVAILABLE = 69;
const needed: readonly Program[] = [
  ...(['sshd', 'ssh', 'sftp', 'ssh-keygen', 'strace', 'python3', 'postgres'] as const),
  // What people run on the assets of the shell gate's tests.
  ...(['zsh', 'fish', 'dash', 'busybox', 'tmux', 'screen', 'vim', 'less', 'top', 'sqlite3'] as const),
  // The pages behind links are looked at as people see them.
  'chromium',
];

/** Installs what is missing when running as root on a machine with apt; returns what is still missing. */
function installMissing(names: readonly Program[]): readonly Program[] {
  const missing = missingPrograms(names);
  if (missing.length === 0 || process.getuid?.() !== 0) return missing;
  process.stderr.write(`Installing Debian packages: ${aptLine(missing)}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [command = '', ...args] = aptLine(missing).split(' ');
  if (spawnSync(command, args, { env, stdio: 'ignore' }).status !== 0) {
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    spawnSync(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return missingPrograms(names);
}

const missing = installMissing(needed);
if (missing.length > 0) {
  console.error(`The tests drive real programs, and these are missing: ${missing.join(', ')}.`);
  console.error(`Install them and run again:\n\n  sudo ${aptLine(missing)}\n`);
  process.exit(EX_UNAVAILABLE);
}

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);
const soak = args.includes('--soak');
const child = spawn(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'tools/closing-line.ts')}`,
    ...args.filter((arg) => arg !== '--soak'),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...(soak ? { SOAK: '1' } : {}) } },
);
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
