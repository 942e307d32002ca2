import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that the demo and the tests drive, and the Debian package that has each. */
const PACKAGES = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sftp: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  strace: 'strace',
  python3: 'python3',
  postgres: 'postgresql',
  zsh: 'zsh',
  fish: 'fish',
  dash: 'dash',
  busybox: 'busybox',
  tmux: 'tmux',
  screen: 'screen',
  vim: 'vim',
  less: 'less',
  top: 'procps',
  sqlite3: 'sqlite3',
  chromium: 'chromium',
} as const;

export type Program = keyof typeof PACKAGES;

// sshd and PostgreSQL keep their programs where a plain PATH does not look.
const FURTHER_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/sbin',
  '/usr/lib/postgresql/15/bin',
  '/usr/lib/postgresql/16/bin',
  '/usr/lib/postgresql/17/bin',
];

/** Full path of the program, or undefined. */
export function findProgram(name: Program, path: string = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of [...path.split(delimiter), ...FURTHER_FOLDERS]) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return undefined;
}

export function aptLine(missing: readonly Program[]): string {
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))].sort();
  return `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** Which of the programs are not there. */
export function missingPrograms(names: readonly Program[]): readonly Program[] {
  return names.filter((name) => findProgram(name) === undefined);
}
