import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that tests and the demo drive, and the Debian package that has each. */
const PACKAGES = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sftp: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  strace: 'strace',
  python3: 'python3',
  postgres: 'postgresql',
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
export function findProgram(name: Program): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...FURTHER_FOLDERS]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
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

/** Installs what is missing when running as root on a machine with apt; returns what is still missing. */
export function installMissing(names: readonly Program[]): readonly Program[] {
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
